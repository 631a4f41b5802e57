#include <algorithm>
#include <array>

#include "device/boot/flash.hpp"

namespace lockstep::boot {
namespace {

// An erase that dies half way: the first half of the sector is erased, the rest keeps its bytes.
Result<void, FlashErrc> tear_erase(Flash& inner, std::uint32_t address) {
  const Geometry& g = inner.geometry();
  const std::uint32_t half = g.sector_size / 2 / g.write_align * g.write_align;
  // Only the whole sector can be erased, so its second half is carried over in pieces, from its end on: a sector
  // of any size with a small buffer is impossible, hence the fixed bound.
  std::array<std::byte, 8192> rest;
  const std::uint32_t kept = g.sector_size - half;
  if (kept > rest.size()) return {};
  LOCKSTEP_CHECK(inner.read(address + half, MutableBytes(rest).first(kept)));
  LOCKSTEP_CHECK(inner.erase(address));
  return inner.program(address + half, Bytes(rest).first(kept));
}

// A program that dies half way: the first half of the bytes, or, of a single unit, some of the bits.
Result<void, FlashErrc> tear_program(Flash& inner, std::uint32_t address, Bytes bytes) {
  const std::uint32_t align = inner.geometry().write_align;
  const std::size_t half = bytes.size() / 2 / align * align;
  if (half > 0) return inner.program(address, bytes.first(half));
  std::array<std::byte, max_write_align> unit;
  const std::size_t n = std::min(bytes.size(), unit.size());
  for (std::size_t i = 0; i < n; ++i) unit[i] = bytes[i] | std::byte{0xaa};
  return inner.program(address, Bytes(unit).first(n));
}

}  // namespace

CutFlash::Fate CutFlash::next() {
  if (is_cut()) return Fate::dead;
  ++operations_;
  if (!is_cut()) return Fate::alive;
  on_cut();
  return Fate::last;
}

void CutFlash::power_on(std::uint32_t at) {
  at_ = at;
  operations_ = 0;
}

Result<void, FlashErrc> CutFlash::read(std::uint32_t address, MutableBytes into) {
  if (is_cut()) return Fail(FlashErrc::no_power);
  return inner_->read(address, into);
}

Result<void, FlashErrc> CutFlash::program(std::uint32_t address, Bytes bytes) {
  const Fate fate = next();
  if (fate == Fate::alive) return inner_->program(address, bytes);
  if (fate == Fate::last && last_ == Last::torn) LOCKSTEP_CHECK(tear_program(*inner_, address, bytes));
  return Fail(FlashErrc::no_power);
}

Result<void, FlashErrc> CutFlash::erase(std::uint32_t address) {
  const Fate fate = next();
  if (fate == Fate::alive) return inner_->erase(address);
  if (fate == Fate::last && last_ == Last::torn) LOCKSTEP_CHECK(tear_erase(*inner_, address));
  return Fail(FlashErrc::no_power);
}

}  // namespace lockstep::boot
