#include <algorithm>
#include <array>

#include "device/boot/flash.hpp"

namespace lockstep::boot {
namespace {

constexpr std::uint32_t late_rest = 32;  // of a trailer's sector: the magic, and maybe a flag

// An erase that dies on its way: the last `kept` bytes of the sector stay as they were. Only a whole sector can be
// erased, so they are carried over the erase; an impossible number of them leaves the sector untouched.
Result<void, FlashErrc> tear_erase(Flash& inner, std::uint32_t address, std::uint32_t kept) {
  std::array<std::byte, 4096> rest;
  if (kept > rest.size()) return {};
  const std::uint32_t at = address + inner.geometry().sector_size - kept;
  LOCKSTEP_CHECK(inner.read(at, MutableBytes(rest).first(kept)));
  LOCKSTEP_CHECK(inner.erase(address));
  return inner.program(at, Bytes(rest).first(kept));
}

// A program that dies on its way: its first `done` bytes are there, or, of a single unit, some of the bits.
Result<void, FlashErrc> tear_program(Flash& inner, std::uint32_t address, Bytes bytes, std::size_t done) {
  if (done > 0) return inner.program(address, bytes.first(done));
  std::array<std::byte, max_write_align> unit;
  const std::size_t n = std::min(bytes.size(), unit.size());
  for (std::size_t i = 0; i < n; ++i) unit[i] = bytes[i] | std::byte{0xaa};
  return inner.program(address, Bytes(unit).first(n));
}

}  // namespace

Result<void, FlashErrc> CutFlash::tear(std::uint32_t address, Bytes program_bytes) {
  const std::uint32_t align = inner_->geometry().write_align;
  const std::size_t half = program_bytes.size() / 2 / align * align;
  const std::size_t late = program_bytes.size() > align ? program_bytes.size() - align : 0;
  return tear_program(*inner_, address, program_bytes, last_ == Last::torn ? half : late);
}

Result<void, FlashErrc> CutFlash::tear(std::uint32_t address) {
  const std::uint32_t sector = inner_->geometry().sector_size;
  return tear_erase(*inner_, address, last_ == Last::torn ? sector / 2 : std::min(sector, late_rest));
}

CutFlash::Fate CutFlash::next() {
  if (is_cut()) return Fate::dead;
  ++operations_;
  return is_cut() ? Fate::last : Fate::alive;
}

// The power is gone, whatever became of the last operation.
Result<void, FlashErrc> CutFlash::die(Result<void, FlashErrc> torn) {
  if (on_cut_ != nullptr) on_cut_();
  LOCKSTEP_CHECK(torn);
  return Fail(FlashErrc::no_power);
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
  switch (next()) {
    case Fate::alive: return inner_->program(address, bytes);
    case Fate::last: return die(last_ == Last::skipped ? Result<void, FlashErrc>{} : tear(address, bytes));
    case Fate::dead: break;
  }
  return Fail(FlashErrc::no_power);
}

Result<void, FlashErrc> CutFlash::erase(std::uint32_t address) {
  switch (next()) {
    case Fate::alive: return inner_->erase(address);
    case Fate::last: return die(last_ == Last::skipped ? Result<void, FlashErrc>{} : tear(address));
    case Fate::dead: break;
  }
  return Fail(FlashErrc::no_power);
}

}  // namespace lockstep::boot
