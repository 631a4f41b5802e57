// Writes an image, byte after byte from its first, into the slot that does not run. The flash takes whole write units;
// the rest waits for the next bytes. Whoever uses it erases before.
#pragma once

#include <array>
#include <cstdint>

#include "device/agent/slots.hpp"

namespace lockstep::agent {

class SlotWriter {
 public:
  explicit SlotWriter(Platform& platform) : platform_(&platform), slots_(platform) {}

  void begin(int image = 0) {
    slots_ = Slots(*platform_, image);
    taken_ = written_ = 0;
  }
  // Programs what is whole. Errors: flash_write_failed; then begin anew.
  Result<void, ImageError> append(Bytes data);
  // Programs what waits, filled up with 0xff. Errors: flash_write_failed.
  Result<void, ImageError> finish();

  std::uint32_t taken() const { return taken_; }  // bytes since begin()

 private:
  Platform* platform_;
  Slots slots_;
  std::uint32_t taken_ = 0;
  std::uint32_t written_ = 0;  // bytes in the flash; the rest, less than a write unit, waits in tail_
  std::array<std::byte, boot::max_write_align> tail_{};
};

}  // namespace lockstep::agent
