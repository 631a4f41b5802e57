#include "device/boot/ratchet.hpp"

#include <algorithm>
#include <array>

namespace lockstep::boot {
namespace {

using Record = std::array<std::byte, 16>;

Record encode(const Ratchet& r) {
  Record bytes;
  ByteWriter writer(bytes);
  for (const std::uint32_t word : {r.counter, r.revoked_keys, ~r.counter, ~r.revoked_keys}) writer.u32le(word);
  return bytes;
}

}  // namespace

std::uint32_t RatchetLog::record_size() const {
  return std::max<std::uint32_t>(sizeof(Record), area_.geometry().write_align);
}

Result<Ratchet, FlashErrc> RatchetLog::read() {
  Ratchet all;
  for (std::uint32_t at = 0; at + record_size() <= area_.size(); at += record_size()) {
    Record bytes;
    LOCKSTEP_CHECK(area_.load(at, bytes));
    ByteReader reader(bytes);
    Ratchet one;
    one.counter = reader.u32le();
    one.revoked_keys = reader.u32le();
    if (encode(one) == bytes) all = all | one;
  }
  return all;
}

// Writes into the first erased record of a sector; `done` tells whether there was one.
Result<void, FlashErrc> RatchetLog::append(std::uint32_t sector_offset, const Ratchet& value, bool& done) {
  const std::uint32_t end = sector_offset + area_.geometry().sector_size;
  for (std::uint32_t at = sector_offset; at + record_size() <= end; at += record_size()) {
    LOCKSTEP_TRY(free, area_.is_erased(at, record_size()));
    if (!free) continue;
    done = true;
    return area_.program_padded(at, encode(value));
  }
  return {};
}

Result<void, FlashErrc> RatchetLog::raise(const Ratchet& value) {
  if (area_.size() == 0) return {};
  LOCKSTEP_TRY(stored, read());
  const Ratchet wanted = stored | value;
  if (wanted == stored) return {};
  const std::uint32_t sector = area_.geometry().sector_size;
  bool done = false;
  for (std::uint32_t at = 0; at + sector <= area_.size() && !done; at += sector) {
    LOCKSTEP_CHECK(append(at, wanted, done));
  }
  if (done) return {};
  // All sectors are full. Make room in one that does not hold what is stored; the others keep it meanwhile.
  for (std::uint32_t at = 0; at + sector <= area_.size(); at += sector) {
    RatchetLog one(area_.part(at, sector));
    LOCKSTEP_TRY(here, one.read());
    if (here == stored && stored != Ratchet{}) continue;
    LOCKSTEP_CHECK(area_.erase_sector(at));
    return append(at, wanted, done);
  }
  return Fail(FlashErrc::not_erased);
}

}  // namespace lockstep::boot
