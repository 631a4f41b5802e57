// What the program does alike for one device and for a fleet.
#pragma once

#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "protocols/mcuboot/crypto.hpp"

namespace lockstep::sim {

// SIGTERM and SIGINT as a descriptor to poll, so that nothing is interrupted in between.
Outcome<int> open_signals();

// Public keys (PEM).
Outcome<std::vector<mcuboot::PublicKey>> load_keys(const std::vector<std::string>& paths);

}  // namespace lockstep::sim
