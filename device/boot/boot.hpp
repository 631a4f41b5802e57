// One boot of a device: finish what a power cut interrupted, carry out what the trailers ask for, and name the
// verified image to run. Survives a power cut at every flash operation: run it again.
#pragma once

#include <cstdint>
#include <optional>

#include "device/boot/accept.hpp"
#include "device/boot/decide.hpp"
#include "device/boot/layout.hpp"

namespace lockstep::boot {

enum class Errc : std::uint8_t {
  none,
  bad_layout,      // the layout does not fit the flash; nothing was touched
  flash,           // the flash refused an operation
  no_valid_image,  // no slot holds an image that may run; the device has to stay in the bootloader
};
std::string_view text(Errc e);

// What happened to the image that was to be put into use.
enum class Action : std::uint8_t {
  none,         // what ran before was booted as it was
  tested,       // the image that was asked for runs, for one boot
  installed,    // ... for good
  reverted,     // the image on test was not confirmed, or does not verify: the old one is back
  refused,      // an image was asked for but may not run; it was erased (see BootReport::refusal)
};
std::string_view text(Action a);

struct BootReport {
  int slot = 0;                 // the slot whose image is to be run
  mcuboot::ImageInfo image{};   // that image, verified
  Action action = Action::none;
  bool resumed = false;         // a swap interrupted by a power cut was finished
  bool confirmed = false;       // false: the image is on test, and the next boot reverts
  // Why an image was refused, the last one if several; nothing when every image that was looked at is fine.
  std::optional<Refusal> refusal{};
  Ratchet ratchet{};  // what is stored after this boot
};

// Verifies with `trust`, and keeps the security counter and the revoked keys in layout.ratchet: an image whose protected
// counter TLV (0 when absent) is below the stored one, or which no key signed that still counts, is refused.
// At a boot of a confirmed image the stored counter rises to that image's, never above the counter of an image in the
// other slot: the way back to it stays open until somebody erases it. The key that the image revokes (TLV 0x4ca0) is
// revoked then, whatever the other slot holds, unless it is the key that signed the image itself: so one key is always
// left. What cannot be written there keeps no good image from running.
Result<BootReport, Errc> boot(Flash& flash, const Layout& layout, const Trust& trust);

// The same for a board of which the mode is known: a bootloader that calls one of these links no other mode.
Result<BootReport, Errc> boot_swap(Flash& flash, const Layout& layout, const Trust& trust);
Result<BootReport, Errc> boot_overwrite(Flash& flash, const Layout& layout, const Trust& trust);
Result<BootReport, Errc> boot_direct_xip(Flash& flash, const Layout& layout, const Trust& trust);
Result<BootReport, Errc> boot_ram_load(Flash& flash, const Layout& layout, const Trust& trust);

}  // namespace lockstep::boot
