#include "device/agent/patch_journal.hpp"

#include <algorithm>
#include <array>

#include "protocols/core/crc.hpp"

namespace lockstep::agent {
namespace {

constexpr std::size_t sha_size = 32;
constexpr std::size_t crc_size = 4;

// Fills the last four bytes.
void seal(MutableBytes entry) {
  const Bytes content = entry.first(entry.size() - crc_size);
  ByteWriter(entry.last(crc_size)).u32le(crc32(content));
}

bool is_sealed(Bytes entry) {
  return ByteReader(entry.last(crc_size)).u32le() == crc32(entry.first(entry.size() - crc_size));
}

}  // namespace

// Between the first byte of the trailer's sectors and the trailer.
boot::FlashArea PatchJournal::area() {
  const boot::Layout& layout = platform_->layout();
  const boot::Geometry& geometry = platform_->flash().geometry();
  const std::uint32_t sectors = layout.slot0.size / geometry.sector_size;
  Slots slots(*platform_);
  boot::FlashArea slot = slots.area(slots.upload_slot());
  const std::uint32_t region = boot::trailer_region(geometry, sectors);
  return slot.part(slot.size() - region, region - boot::trailer_size(geometry, sectors));
}

std::uint32_t PatchJournal::padded(std::uint32_t size) const {
  const std::uint32_t align = platform_->flash().geometry().write_align;
  return (size + align - 1) / align * align;
}

Result<void, boot::FlashErrc> PatchJournal::begin(Bytes sha, std::uint32_t length) {
  next_ = 0;
  boot::FlashArea a = area();
  if (sha.size() != sha_size || a.size() < padded(identity_size)) return {};
  std::array<std::byte, identity_size> identity;
  ByteWriter w(identity);
  w.bytes(sha);
  w.u32le(length);
  seal(identity);
  LOCKSTEP_CHECK(a.program_padded(0, identity));
  next_ = padded(identity_size);
  return {};
}

bool PatchJournal::is_named(Bytes sha, std::uint32_t length) {
  boot::FlashArea a = area();
  std::array<std::byte, identity_size> identity;
  if (sha.size() != sha_size || a.size() < padded(identity_size) || !a.load(0, identity)) return false;
  ByteReader r(identity);
  const Bytes named = r.take(sha_size);
  return is_sealed(identity) && std::equal(sha.begin(), sha.end(), named.begin()) && r.u32le() == length;
}

std::optional<PatchJournal::Record> PatchJournal::find(Bytes sha, std::uint32_t length) {
  next_ = 0;
  if (!is_named(sha, length)) return std::nullopt;
  boot::FlashArea a = area();
  std::optional<Record> furthest;
  next_ = padded(identity_size);
  for (std::uint32_t at = next_; a.size() - at >= padded(record_size); at += padded(record_size)) {
    std::array<std::byte, record_size> entry;
    if (!a.load(at, entry)) return std::nullopt;
    if (std::all_of(entry.begin(), entry.end(), [](std::byte b) { return b == boot::erased_byte; })) continue;
    next_ = at + padded(record_size);  // behind all that is written, torn or not
    ByteReader r(entry);
    const Record record{r.u32le(), r.u32le(), r.u32le()};
    if (is_sealed(entry) && (!furthest || record.finished > furthest->finished)) furthest = record;
  }
  return furthest;
}

Result<void, boot::FlashErrc> PatchJournal::append(const Record& record) {
  boot::FlashArea a = area();
  if (next_ == 0 || a.size() - next_ < padded(record_size)) return {};
  std::array<std::byte, record_size> entry;
  ByteWriter w(entry);
  w.u32le(record.patch_offset);
  w.u32le(record.target_offset);
  w.u32le(record.finished);
  seal(entry);
  LOCKSTEP_CHECK(a.program_padded(next_, entry));
  next_ += padded(record_size);
  return {};
}

}  // namespace lockstep::agent
