// What a device never takes back: its security counter and the keys that it no longer trusts. A log in at least two
// sectors, so that going on survives a power cut anywhere.
// Record: u32 counter, u32 revoked keys, then the complements of both, little-endian, padded to the write alignment.
// The highest counter of all whole records counts, and every key that one of them revokes.
#pragma once

#include "device/boot/layout.hpp"

namespace lockstep::boot {

struct Ratchet {
  std::uint32_t counter = 0;       // images with a lower security counter may not run
  std::uint32_t revoked_keys = 0;  // bit n: the n-th key of Trust::keys

  friend bool operator==(const Ratchet&, const Ratchet&) = default;
  // Both together: never less than either.
  friend Ratchet operator|(const Ratchet& a, const Ratchet& b) {
    return {.counter = a.counter < b.counter ? b.counter : a.counter, .revoked_keys = a.revoked_keys | b.revoked_keys};
  }
};

class RatchetLog {
 public:
  explicit RatchetLog(FlashArea area) : area_(area) {}

  // Nothing (zeros) when nothing was ever stored, or when the area has no bytes.
  Result<Ratchet, FlashErrc> read();
  // Stores `value` beside what is stored already. Does nothing when that changes nothing, or in an area without bytes.
  Result<void, FlashErrc> raise(const Ratchet& value);

 private:
  std::uint32_t record_size() const;
  Result<void, FlashErrc> append(std::uint32_t sector_offset, const Ratchet& value, bool& done);

  FlashArea area_;
};

}  // namespace lockstep::boot
