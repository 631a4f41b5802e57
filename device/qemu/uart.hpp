// A CMSDK UART. Sending waits for the transmitter, but never for ever: a peer that stopped reading must not stop the
// device, so a byte that finds no room within a second is dropped, and so is all that follows until there is room.
// (QEMU's transmitter is "full" when the socket behind it is, and that holds only some 270 single bytes.)
#pragma once

#include "protocols/core/bytes.hpp"

namespace lockstep::board {

class Uart {
 public:
  explicit constexpr Uart(std::uint32_t base) : base_(base) {}

  // Enables the transmitter.
  void start();
  // Enables the receiver and its interrupt (the caller's vector then calls take()).
  void start_receiving();
  void send(Bytes bytes);
  // True and the byte, or false when nothing was received. Clears the receive interrupt.
  bool take(std::byte& received);

 private:
  bool wait_for_room();

  std::uint32_t base_;
  bool stuck_ = false;
};

}  // namespace lockstep::board
