// Many simulated devices in one process, drawn from a scenario: one poll loop, no thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/base/error.hpp"

namespace lockstep::sim {

struct FleetOptions {
  std::string scenario{};                   // file of device/fleet
  std::string socket_dir{};                 // Unix sockets SERIAL.sock there, or ...
  std::optional<std::uint16_t> udp_base{};  // ... UDP ports from this one on; 0: any free ones
  std::string list{};                       // file for the list of devices; empty: ready lines to stdout
  std::string flash_dir{};                  // flash files SERIAL.flash there; empty: in memory only
  double time_scale = 1;                    // the fleet's time goes so much faster than ours
  std::vector<std::string> keys{};
  bool log = false;
  bool json = false;
};

// Prints what can be reached where, then serves until SIGTERM or SIGINT. ErrorKind: io, conflict, invalid, not_found.
Outcome<void> run_fleet(const FleetOptions& options);

}  // namespace lockstep::sim
