// What UART0 received, kept by its interrupt until the main loop takes it.
#pragma once

#include <cstddef>

namespace lockstep::board::received {

void start();
bool is_empty();
// False when nothing is there.
bool take(std::byte& received);

}  // namespace lockstep::board::received
