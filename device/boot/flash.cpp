#include "device/boot/flash.hpp"

#include <algorithm>
#include <array>

namespace lockstep::boot {

using namespace std::string_view_literals;  // length known without strlen

std::string_view text(FlashErrc e) {
  switch (e) {
    case FlashErrc::none: return "no error"sv;
    case FlashErrc::out_of_range: return "outside the flash"sv;
    case FlashErrc::misaligned: return "not on the flash's alignment"sv;
    case FlashErrc::not_erased: return "the place is not erased"sv;
    case FlashErrc::no_power: return "the power is cut"sv;
    case FlashErrc::io: return "the medium failed"sv;
  }
  return "unknown error"sv;
}

Result<void, FlashErrc> Flash::read(std::uint32_t, MutableBytes) { return Fail(FlashErrc::io); }
Result<void, FlashErrc> Flash::program(std::uint32_t, Bytes) { return Fail(FlashErrc::io); }
Result<void, FlashErrc> Flash::erase(std::uint32_t) { return Fail(FlashErrc::io); }

Result<void, FlashErrc> Flash::check_read(std::uint32_t address, std::size_t size) const {
  if (address > geometry_.size || size > geometry_.size - address) return Fail(FlashErrc::out_of_range);
  return {};
}

Result<void, FlashErrc> Flash::check_program(std::uint32_t address, std::size_t size) const {
  LOCKSTEP_CHECK(check_read(address, size));
  if (address % geometry_.write_align != 0 || size % geometry_.write_align != 0) return Fail(FlashErrc::misaligned);
  return {};
}

Result<void, FlashErrc> Flash::check_erase(std::uint32_t address) const {
  LOCKSTEP_CHECK(check_read(address, geometry_.sector_size));
  if (address % geometry_.sector_size != 0) return Fail(FlashErrc::misaligned);
  return {};
}

Result<void, FlashErrc> FlashArea::inside(std::uint32_t offset, std::size_t length) const {
  if (offset > size_ || length > size_ - offset) return Fail(FlashErrc::out_of_range);
  return {};
}

Result<void, mcuboot::Errc> FlashArea::read(std::uint32_t offset, MutableBytes into) {
  if (!inside(offset, into.size())) return Fail(mcuboot::Errc::too_short);
  if (!flash_->read(offset_ + offset, into)) return Fail(mcuboot::Errc::read_failed);
  return {};
}

Result<void, FlashErrc> FlashArea::load(std::uint32_t offset, MutableBytes into) {
  LOCKSTEP_CHECK(inside(offset, into.size()));
  return flash_->read(offset_ + offset, into);
}

Result<void, FlashErrc> FlashArea::program(std::uint32_t offset, Bytes bytes) {
  LOCKSTEP_CHECK(inside(offset, bytes.size()));
  return flash_->program(offset_ + offset, bytes);
}

Result<void, FlashErrc> FlashArea::program_padded(std::uint32_t offset, Bytes bytes) {
  const std::size_t tail = bytes.size() % geometry().write_align;
  const Bytes whole = bytes.first(bytes.size() - tail);
  if (!whole.empty()) LOCKSTEP_CHECK(program(offset, whole));
  if (tail == 0) return {};
  std::array<std::byte, max_write_align> unit;
  unit.fill(erased_byte);
  std::copy_n(bytes.end() - static_cast<std::ptrdiff_t>(tail), tail, unit.begin());
  const auto at = static_cast<std::uint32_t>(offset + whole.size());
  return program(at, Bytes(unit).first(geometry().write_align));
}

Result<void, FlashErrc> FlashArea::erase_sector(std::uint32_t offset) {
  LOCKSTEP_CHECK(inside(offset, geometry().sector_size));
  return flash_->erase(offset_ + offset);
}

Result<void, FlashErrc> FlashArea::erase_range(std::uint32_t offset, std::uint32_t length) {
  LOCKSTEP_CHECK(inside(offset, length));
  if (length == 0) return {};
  const std::uint32_t sector = geometry().sector_size;
  const std::uint32_t first = offset / sector;
  for (std::uint32_t i = (offset + length - 1) / sector + 1; i > first; --i) {
    LOCKSTEP_CHECK(erase_sector((i - 1) * sector));
  }
  return {};
}

Result<bool, FlashErrc> FlashArea::is_erased(std::uint32_t offset, std::uint32_t length) {
  std::array<std::byte, 128> chunk;
  while (length > 0) {
    const std::uint32_t n = std::min<std::uint32_t>(length, chunk.size());
    LOCKSTEP_CHECK(load(offset, MutableBytes(chunk).first(n)));
    if (std::any_of(chunk.begin(), chunk.begin() + n, [](std::byte b) { return b != erased_byte; })) return false;
    offset += n;
    length -= n;
  }
  return true;
}

}  // namespace lockstep::boot
