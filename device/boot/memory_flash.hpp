// A flash in memory that somebody lends: RAM in tests, a mapped file in the simulator. Enforces the rules of NOR
// flash to the byte, so that code which breaks them fails here and not on a board.
#pragma once

#include "device/boot/flash.hpp"

namespace lockstep::boot {

class MemoryFlash final : public Flash {
 public:
  // `memory` is borrowed and has geometry.size bytes. Fresh memory is to be filled with erased_byte.
  MemoryFlash(Geometry geometry, MutableBytes memory) : Flash(geometry), memory_(memory) {}

  Result<void, FlashErrc> read(std::uint32_t address, MutableBytes into) override;
  // Refuses (not_erased) before it changes anything.
  Result<void, FlashErrc> program(std::uint32_t address, Bytes bytes) override;
  Result<void, FlashErrc> erase(std::uint32_t address) override;

 private:
  MutableBytes memory_;
};

}  // namespace lockstep::boot
