// Ties node and endpoint together and runs them until SIGTERM or SIGINT.
#pragma once

#include "device/sim/options.hpp"

namespace lockstep::sim {

// Prints one line to stdout when the device can be reached, then serves. ErrorKind: io, conflict, invalid.
Outcome<void> run(const Options& options);

}  // namespace lockstep::sim
