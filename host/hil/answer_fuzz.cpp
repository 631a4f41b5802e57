// The JSON view of a device's answer: no bytes may crash it.
#include <cstdint>

#include "host/hil/cbor_json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  (void)lockstep::hil::json_view(std::as_bytes(std::span(data, size)));
  return 0;
}
