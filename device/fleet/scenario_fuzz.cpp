// A scenario from anywhere: no input may break the reader, and what it accepts is a fleet whose schedules can be asked.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "device/fleet/scenario.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lockstep::fleet;
  const auto scenario = parse({reinterpret_cast<const char*>(data), size}, "fuzz.xml");
  if (!scenario) return 0;
  std::size_t asked = 0;
  for (const Device& device : scenario->devices) {
    if (++asked > 16) break;
    if (device.serial.empty() || device.image.empty()) std::abort();
    const bool awake = is_awake(device.contact, scenario->begins);
    const auto change = next_change(device.contact, scenario->begins);
    if (change && (*change <= scenario->begins || is_awake(device.contact, *change) == awake)) std::abort();
  }
  return 0;
}
