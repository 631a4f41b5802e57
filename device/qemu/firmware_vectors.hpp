// For firmwares that serve the Ethernet interrupt: extern "C" void on_ethernet().
#pragma once

namespace lockstep::board {

// From now on that interrupt has a handler; it is enabled by whoever serves it.
void use_firmware_vectors();

}  // namespace lockstep::board
