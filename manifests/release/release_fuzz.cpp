// The XML reader with the table of the release: no input may break it, and what it accepts can be linted.
#include <cstdint>
#include <string_view>

#include "manifests/release/lint.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto release = lockstep::release::parse({reinterpret_cast<const char*>(data), size}, "fuzz.xml");
  if (release) (void)lockstep::release::lint(*release);
  return 0;
}
