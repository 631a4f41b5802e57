// The stored security counter: a log in at least two sectors, so that raising it survives a power cut anywhere.
// Record: u32 value, u32 ~value, both little-endian, padded to the write alignment. The highest valid one counts.
#pragma once

#include "device/boot/layout.hpp"

namespace lockstep::boot {

class CounterLog {
 public:
  explicit CounterLog(FlashArea area) : area_(area) {}

  // 0 when nothing was ever stored, or when the area has no bytes.
  Result<std::uint32_t, FlashErrc> read();
  // Stores `value` when it is above the stored one. Does nothing in an area without bytes.
  Result<void, FlashErrc> raise(std::uint32_t value);

 private:
  std::uint32_t record_size() const;
  Result<void, FlashErrc> append(std::uint32_t sector_offset, std::uint32_t value, bool& done);

  FlashArea area_;
};

}  // namespace lockstep::boot
