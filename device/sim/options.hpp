// The command line of lockstep-sim.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "device/sim/fleet.hpp"
#include "device/sim/node.hpp"
#include "host/base/error.hpp"

namespace lockstep::sim {

struct Options {
  std::optional<FleetOptions> fleet{};  // many devices: nothing of the rest counts
  std::string pty{}, unix_path{}, raw_unix{};  // exactly one of the four
  std::optional<std::uint16_t> udp{};
  std::string usbip_path{};             // empty: no USB
  std::string flash{};
  std::vector<std::string> keys{};
  std::vector<std::string> seed_images{};  // a file for each image; empty: none
  std::uint32_t slot_kib = 512;
  bool log = false;   // the device's log to stderr
  bool json = false;  // the line that says it is ready as JSON
  NodeOptions node{};
};

// The options, or an exit code when the program is to end at once (2 wrong usage, 0 after --help); texts were printed.
Result<Options, int> parse_options(int argc, char** argv);

}  // namespace lockstep::sim
