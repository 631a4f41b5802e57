// The parts of the board that exist once.
#pragma once

#include "device/qemu/registers.hpp"
#include "device/qemu/uart.hpp"

namespace lockstep::board {

inline constinit Uart uart0{uart0_base};
inline constinit Uart uart1{uart1_base};

}  // namespace lockstep::board
