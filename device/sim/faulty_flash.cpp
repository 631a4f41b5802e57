#include "device/sim/faulty_flash.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "protocols/mcuboot/image.hpp"

namespace lockstep::sim {

using boot::FlashErrc;

namespace {

// Whether operation `now` is the one that fails; it does so once.
bool strikes(std::uint32_t& at, std::uint32_t now) {
  if (at == 0 || now < at) return false;
  at = 0;
  return true;
}

std::byte lowest_bit(std::byte b) {
  const auto n = std::to_integer<unsigned>(b);
  return static_cast<std::byte>(n & (~n + 1u));
}

}  // namespace

Result<void, FlashErrc> FaultyFlash::read(std::uint32_t address, MutableBytes into) {
  if (stuck_) return Fail(FlashErrc::io);
  return inner_->read(address, into);
}

bool FaultyFlash::begin_operation() {
  ++operations_;
  if (operations_ == faults_.stuck_at) stuck_ = true;
  return !stuck_;
}

Result<void, FlashErrc> FaultyFlash::end_operation(Result<void, FlashErrc> done) {
  if (faults_.rot_at != 0 && operations_ >= faults_.rot_at && rot()) faults_.rot_at = 0;
  return done;
}

// At the begin of the payload, as soon as it is there: there lies code, which a changed bit makes another.
bool FaultyFlash::rot() {
  boot::FlashArea image = boot::slot_area(*inner_, layout_, 1).from(boot::upgrade_offset(layout_, geometry()));
  const auto header = mcuboot::read_header(image);
  if (!header) return false;
  const std::uint32_t align = geometry().write_align;
  std::array<std::byte, boot::max_write_align> unit;
  const MutableBytes bytes = MutableBytes(unit).first(align);
  const std::uint32_t at = header->header_size / align * align;
  if (!image.load(at, bytes)) return false;
  if (std::ranges::all_of(bytes, [](std::byte b) { return b == boot::erased_byte; })) return false;  // not there yet
  const auto victim = std::ranges::find_if(bytes, [](std::byte b) { return b != std::byte{0}; });
  if (victim == bytes.end()) return false;
  *victim ^= lowest_bit(*victim);
  return bool(image.program(at, bytes));
}

Result<void, FlashErrc> FaultyFlash::program(std::uint32_t address, Bytes bytes) {
  if (!begin_operation()) return Fail(FlashErrc::io);
  if (strikes(faults_.write_error_at, operations_)) return Fail(FlashErrc::io);
  return end_operation(inner_->program(address, bytes));
}

Result<void, FlashErrc> FaultyFlash::erase(std::uint32_t address) {
  if (!begin_operation()) return Fail(FlashErrc::io);
  if (faults_.slow_erase.count() > 0) wait_(faults_.slow_erase);
  if (strikes(faults_.erase_error_at, operations_)) return Fail(FlashErrc::io);
  return end_operation(inner_->erase(address));
}

}  // namespace lockstep::sim
