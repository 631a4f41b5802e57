#include "device/boot/counter.hpp"

#include <algorithm>
#include <array>

namespace lockstep::boot {

std::uint32_t CounterLog::record_size() const { return std::max<std::uint32_t>(8, area_.geometry().write_align); }

Result<std::uint32_t, FlashErrc> CounterLog::read() {
  std::uint32_t highest = 0;
  for (std::uint32_t at = 0; at + record_size() <= area_.size(); at += record_size()) {
    std::array<std::byte, 8> bytes;
    LOCKSTEP_CHECK(area_.load(at, bytes));
    ByteReader reader(bytes);
    const std::uint32_t value = reader.u32le();
    if (reader.u32le() == ~value) highest = std::max(highest, value);
  }
  return highest;
}

// Writes into the first erased record of a sector; `done` tells whether there was one.
Result<void, FlashErrc> CounterLog::append(std::uint32_t sector_offset, std::uint32_t value, bool& done) {
  const std::uint32_t end = sector_offset + area_.geometry().sector_size;
  for (std::uint32_t at = sector_offset; at + record_size() <= end; at += record_size()) {
    LOCKSTEP_TRY(free, area_.is_erased(at, record_size()));
    if (!free) continue;
    std::array<std::byte, 8> bytes;
    ByteWriter writer(bytes);
    writer.u32le(value);
    writer.u32le(~value);
    done = true;
    return area_.program_padded(at, bytes);
  }
  return {};
}

Result<void, FlashErrc> CounterLog::raise(std::uint32_t value) {
  if (area_.size() == 0) return {};
  LOCKSTEP_TRY(stored, read());
  if (value <= stored) return {};
  const std::uint32_t sector = area_.geometry().sector_size;
  bool done = false;
  for (std::uint32_t at = 0; at + sector <= area_.size() && !done; at += sector) {
    LOCKSTEP_CHECK(append(at, value, done));
  }
  if (done) return {};
  // All sectors are full. Make room in one that does not hold the stored value; the others keep it meanwhile.
  for (std::uint32_t at = 0; at + sector <= area_.size(); at += sector) {
    CounterLog one(area_.part(at, sector));
    LOCKSTEP_TRY(here, one.read());
    if (here == stored && stored != 0) continue;
    LOCKSTEP_CHECK(area_.erase_sector(at));
    return append(at, value, done);
  }
  return Fail(FlashErrc::not_erased);
}

}  // namespace lockstep::boot
