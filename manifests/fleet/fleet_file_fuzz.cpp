// No input may break the reader of fleets, and what it accepts becomes reports.
#include <cstdint>
#include <string_view>

#include "manifests/fleet/fleet_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep;
  const auto census = fleet::parse({reinterpret_cast<const char*>(data), size});
  if (census) static_cast<void>(fleet::reports(*census));
  return 0;
}
