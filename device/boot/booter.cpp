#include "device/boot/booter.hpp"

#include <algorithm>

#include "device/boot/ratchet.hpp"

namespace lockstep::boot {

using namespace std::string_view_literals;  // length known without strlen

// Erases an image in slot 1 that was asked for and may not run, so that nobody asks again, and keeps slot 0: the
// way back is gone with it (design document, note below state V).
Result<void, FlashErrc> Booter::refuse(const Refusal& why, std::uint32_t offset1) {
  report_.refusal = why;
  LOCKSTEP_CHECK(slot(1).erase_sector(offset1));
  LOCKSTEP_CHECK(trailer(1).erase());
  LOCKSTEP_TRY(state0, trailer(0).read());
  if (state0.magic == Magic::good && state0.image_ok == Flag::unset) LOCKSTEP_CHECK(trailer(0).write_image_ok());
  report_.action = Action::refused;
  return {};
}

void Booter::take(int slot, const mcuboot::ImageInfo& image) {
  report_.slot = slot;
  report_.image = image;
}

Result<bool, FlashErrc> Booter::choose() {
  const Checked image = check(slot(0));
  if (!image) {
    report_.refusal = image.error();
    return false;
  }
  take(0, *image);
  return true;
}

// The running image's counter, or that of an image in the other slot when it is lower: a higher stored one would shut
// that image out. And the key that the running image revokes, unless it signed it.
Ratchet Booter::to_store() {
  const mcuboot::ImageInfo& own = report_.image;
  Ratchet out{.counter = own.security_counter.value_or(0)};
  FlashArea other = slot(1 - report_.slot);
  const auto image = mcuboot::inspect(other);
  if (image) out.counter = std::min(out.counter, image->security_counter.value_or(0));
  if (!own.revoked_key || own.revoked_key == own.signed_by) return out;
  for (std::size_t i = 0; i < trust_.keys.size() && i < 32; ++i) {
    if (trust_.keys[i].hash == *own.revoked_key) out.revoked_keys |= 1u << i;
  }
  return out;
}

// Notes whether the image is confirmed, and if so lets the ratchet follow it. Never for an image on test: the old one
// could not come back. What cannot be written is no reason not to run a good image.
Result<void, FlashErrc> Booter::settle() {
  LOCKSTEP_TRY(confirmed, is_confirmed());
  report_.confirmed = confirmed;
  if (!report_.confirmed) return {};
  const Ratchet next = to_store();
  if (RatchetLog(ratchet_area(flash_, layout_)).raise(next)) report_.ratchet = report_.ratchet | next;
  return {};
}

Result<BootReport, Errc> Booter::run() {
  if (!is_sound(layout_, flash_.geometry())) return Fail(Errc::bad_layout);
  const auto ratchet = RatchetLog(ratchet_area(flash_, layout_)).read();
  if (!ratchet) return Fail(Errc::flash);
  report_.ratchet = *ratchet;

  for (int round = 0; round < 2; ++round) {
    if (!update()) return Fail(Errc::flash);
    const auto chosen = choose();
    if (!chosen) return Fail(Errc::flash);
    if (*chosen) {
      if (!settle()) return Fail(Errc::flash);
      return report_;
    }
    if (report_.action == Action::none) break;  // nothing was put into use that could be taken back
  }
  return Fail(Errc::no_valid_image);
}

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error"sv;
    case Errc::bad_layout: return "the slot layout does not fit the flash"sv;
    case Errc::flash: return "the flash refused an operation"sv;
    case Errc::no_valid_image: return "no slot holds an image that may run"sv;
  }
  return "unknown error"sv;
}

std::string_view text(Action a) {
  switch (a) {
    case Action::none: return "none"sv;
    case Action::tested: return "tested"sv;
    case Action::installed: return "installed"sv;
    case Action::reverted: return "reverted"sv;
    case Action::refused: return "refused"sv;
  }
  return "unknown"sv;
}

}  // namespace lockstep::boot
