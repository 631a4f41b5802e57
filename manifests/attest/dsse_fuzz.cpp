// No input may break the envelope reader, and what it accepts has exactly one text (but for blanks).
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "manifests/attest/dsse.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto envelope = lockstep::attest::parse_envelope({reinterpret_cast<const char*>(data), size});
  if (!envelope) return 0;
  const auto again = lockstep::attest::parse_envelope(to_json(*envelope));
  if (!again || to_json(*again) != to_json(*envelope)) std::abort();
  return 0;
}
