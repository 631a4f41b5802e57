// One boot of a device: finish what a power cut interrupted, carry out what the trailers ask for, and name the
// verified image to run. Survives a power cut at every flash operation: run it again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "device/boot/decide.hpp"
#include "device/boot/layout.hpp"
#include "protocols/mcuboot/crypto.hpp"
#include "protocols/mcuboot/image.hpp"
#include "protocols/mcuboot/verify.hpp"

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
  none,         // slot 0 was booted as it was
  tested,       // slot 1's image was put into slot 0 for one boot
  installed,    // ... for good
  reverted,     // the image on test was not confirmed, or does not verify: the old one is back
  refused,      // slot 1's image was asked for but may not run; it was erased (see BootReport::refusal)
};
std::string_view text(Action a);

// Why an image may not run: it does not verify, or it is older than the device may go back to.
struct Refusal {
  bool below_counter = false;    // its security counter is below the stored one; then `why` says nothing
  mcuboot::Errc why = mcuboot::Errc::no_hash;
};

struct BootReport {
  int slot = 0;                 // the slot whose image is to be run
  mcuboot::ImageInfo image{};   // that image, verified
  std::uint32_t image_offset = 0;  // where its header is, from the flash's first byte
  Action action = Action::none;
  bool resumed = false;         // a swap interrupted by a power cut was finished
  bool confirmed = false;       // false: the image is on test, and the next boot reverts
  // Why an image was refused, the last one if several; nothing when every image that was looked at is fine.
  std::optional<Refusal> refusal{};
  std::uint32_t security_counter = 0;  // stored one after this boot
};

// What the device accepts. Borrowed for the call.
struct Trust {
  mcuboot::Crypto& crypto;
  std::span<const mcuboot::PublicKey> keys;  // any of them may have signed
};

// Verifies with `trust`, and keeps the security counter in layout.counter: an image whose protected counter TLV
// (0 when absent) is below the stored one is refused; the stored one rises only to that of a confirmed image, so
// that a test boot can always be reverted.
Result<BootReport, Errc> boot(Flash& flash, const Layout& layout, Trust trust);

}  // namespace lockstep::boot
