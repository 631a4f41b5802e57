// No input may break the plan reader, and what it accepts survives being written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifests/plan_file/plan_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep;
  const auto document = plan_file::parse({reinterpret_cast<const char*>(data), size});
  if (!document) return 0;
  const auto again = plan_file::parse(to_text(*document));
  if (!again || !(*again == *document)) std::abort();
  for (std::size_t s = 0; s <= document->steps.size(); ++s) {
    static_cast<void>(reverts(*document, s));
    if (s < document->steps.size()) static_cast<void>(cuts(*document, s));
  }
  static_cast<void>(plan_file::read(*document, {}));
  return 0;
}
