// Rig files: no bytes may crash the parser, and an accepted rig has a supply and areas inside its flash.
#include <cstdint>
#include <cstdlib>

#include "host/hil/rig.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep::hil;
  const auto rig = parse_rig({reinterpret_cast<const char*>(data), size}, "fuzz.xml");
  if (!rig) return rig.error().what.empty() ? std::abort(), 0 : 0;
  if (rig->dut.powers.empty() || rig->dut.powers.front().command.empty()) std::abort();
  for (const FlashSpec& flash : rig->dut.flashes) {
    if (flash.offset_bytes + flash.area_bytes > flash.size_bytes) std::abort();
  }
  return 0;
}
