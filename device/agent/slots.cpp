#include "device/agent/slots.hpp"

#include <algorithm>
#include <array>

#include "device/boot/decide.hpp"
#include "protocols/smp/image_group.hpp"

namespace lockstep::agent {

namespace image_rc = smp::image_rc;
using boot::SwapType;

boot::Trailer Slots::trailer(int slot) {
  const auto sectors = layout().slot0.size / platform_->flash().geometry().sector_size;
  return {area(slot), sectors};
}

// A trailer that cannot be read counts as erased: the next boot will see it so, or fail.
boot::TrailerState Slots::trailer_state(int slot) {
  const auto state = trailer(slot).read();
  return state ? *state : boot::TrailerState{};
}

SwapType Slots::next_boot() {
  if (layout().mode == boot::Mode::ram_load) return SwapType::none;
  if (layout().mode == boot::Mode::direct_xip) return next_boot_in_place();
  // The tables of swap also for overwrite-only: its devices tell the same flags.
  return boot::decide(trailer_state(0), trailer_state(1), boot::Mode::swap);
}

// The same in the words of a swap: what runs next from the other slot, or that the running image is on test. As the
// boot does, by the version: a wish for an image that is not newer is never granted.
SwapType Slots::next_boot_in_place() {
  const int active = active_slot();
  const boot::Standing other = boot::standing(trailer_state(1 - active));
  const bool asked = other == boot::Standing::trial || other == boot::Standing::wanted;
  if (asked && is_newer_than_running(1 - active)) return other == boot::Standing::wanted ? SwapType::perm : SwapType::test;
  const boot::Standing own = boot::standing(trailer_state(active));
  const bool on_test = own == boot::Standing::trial || own == boot::Standing::failed;
  return on_test ? SwapType::revert : SwapType::none;
}

bool Slots::is_newer_than_running(int slot) {
  boot::FlashArea there = area(slot), running = area(active_slot());
  const auto candidate = mcuboot::inspect(there);
  const auto now = mcuboot::inspect(running);
  return candidate && now && candidate->header.version > now->header.version;
}

std::optional<mcuboot::ImageInfo> Slots::image(int slot) {
  boot::FlashArea whole = area(slot);
  // While the running image is on test, the old one lies at slot 1's first byte (swap by offset).
  const bool upgrade = slot == 1 && next_boot() != SwapType::revert;
  const auto offset = upgrade ? boot::upgrade_offset(layout(), platform_->flash().geometry()) : 0;
  boot::FlashArea at = whole.from(offset);
  const auto info = mcuboot::inspect(at);
  if (!info) return std::nullopt;
  return *info;
}

std::optional<SlotState> Slots::state(int slot) {
  const auto info = image(slot);
  if (!info) return std::nullopt;
  SlotState s{.image = *info};
  const SwapType next = next_boot();
  s.active = slot == active_slot();
  s.confirmed = s.active ? next != SwapType::revert : next == SwapType::revert;
  if (s.active) return s;
  s.pending = next == SwapType::test || next == SwapType::perm;
  s.permanent = next == SwapType::perm;
  if (layout().mode == boot::Mode::ram_load) {  // the newest image runs next
    const auto running = image(active_slot());
    s.pending = s.permanent = running && info->header.version > running->header.version;
  }
  return s;
}

std::optional<int> Slots::find(Bytes hash) {
  for (int slot = 0; slot < 2; ++slot) {
    const auto info = image(slot);
    if (info && std::equal(hash.begin(), hash.end(), info->image_hash.begin(), info->image_hash.end())) return slot;
  }
  return std::nullopt;
}

bool Slots::in_use(int slot) { return slot == active_slot() || next_boot() != SwapType::none; }

std::uint32_t Slots::upload_offset() {
  return upload_slot() == 1 ? boot::upgrade_offset(layout(), platform_->flash().geometry()) : 0;
}

boot::FlashArea Slots::upload_area() { return area(upload_slot()).from(upload_offset()); }

Result<void, ImageError> Slots::erase_for_upload(std::uint32_t slot_offset, std::uint32_t length) {
  boot::FlashArea whole = area(upload_slot());
  const std::uint32_t sector = whole.geometry().sector_size;
  for (std::uint32_t at = slot_offset; at < upload_offset() + length; at += sector) {
    const auto erased = whole.is_erased(at, sector);
    if (!erased) return Fail(image_rc::flash_read_failed);
    if (*erased) continue;
    platform_->before_erase();
    if (!whole.erase_sector(at)) return Fail(image_rc::flash_erase_failed);
  }
  return {};
}

std::optional<mcuboot::Digest> Slots::digest(boot::FlashArea area, std::uint32_t length) {
  mcuboot::Crypto* const crypto = platform_->crypto();
  if (crypto == nullptr || length > area.size() || !crypto->sha256_begin()) return std::nullopt;
  std::array<std::byte, 256> piece;
  for (std::uint32_t at = 0; at < length;) {
    const auto n = std::min<std::uint32_t>(length - at, piece.size());
    if (!area.load(at, MutableBytes(piece).first(n))) return std::nullopt;
    if (!crypto->sha256_update(Bytes(piece).first(n))) return std::nullopt;
    at += n;
  }
  mcuboot::Digest found;
  if (!crypto->sha256_finish(found)) return std::nullopt;
  return found;
}

// Refusals in the order of Zephyr's img_mgmt_set_next_boot_slot.
Result<void, ImageError> Slots::set_next(int slot, bool confirm) {
  const bool active = slot == active_slot();
  if (!confirm && active) return Fail(image_rc::test_of_active_denied);
  switch (next_boot()) {
    case SwapType::test:
      if (!confirm && !active) return {};  // it is marked already
      return Fail(image_rc::image_already_pending);
    case SwapType::perm:
      if (confirm && !active) return {};
      return Fail(image_rc::image_already_pending);
    case SwapType::revert:
      if (!confirm) return Fail(image_rc::image_already_pending);
      if (!active) return {};  // the old image is confirmed as it is
      return confirm_active();
    case SwapType::none:
      if (active) return {};  // runs, and stays
      return mark(slot, confirm);
  }
  return {};
}

Result<void, ImageError> Slots::confirm_active() {
  boot::Trailer t = trailer(active_slot());
  if (trailer_state(active_slot()).image_ok == boot::Flag::set) return {};
  if (platform_->self_test() != SelfTest::passed) return Fail(image_rc::confirmation_denied);
  if (!t.write_image_ok()) return Fail(image_rc::flash_write_failed);
  return {};
}

Result<void, ImageError> Slots::mark(int slot, bool permanent) {
  if (layout().mode == boot::Mode::direct_xip && !is_newer_than_running(slot))
    return Fail(image_rc::current_version_is_newer);  // it would never run
  boot::Trailer t = trailer(slot);
  // Remains of an attempt that a power cut ended, a torn magic too, would change the meaning of this one.
  const auto erased = t.is_erased();
  if (!erased) return Fail(image_rc::flash_read_failed);
  if (!*erased) {
    platform_->before_erase();
    if (!t.erase()) return Fail(image_rc::flash_erase_failed);
  }
  const auto type = permanent ? SwapType::perm : SwapType::test;
  if (!t.write_swap_info(type)) return Fail(image_rc::flash_write_failed);
  if (permanent && !t.write_image_ok()) return Fail(image_rc::flash_write_failed);
  if (!t.write_magic()) return Fail(image_rc::flash_write_failed);  // last: only now it counts
  return {};
}

}  // namespace lockstep::agent
