// What every boot mode has in common: the ratchet, the check of images, the report. A mode derives from it, in
// a file of its own, so that a bootloader links only the mode that its board has. Not for users of this room.
#pragma once

#include "device/boot/boot.hpp"
#include "device/boot/trailer.hpp"

namespace lockstep::boot {

// One boot. Functions that touch the flash give the flash's reason; run() turns it into its own.
class Booter {
 public:
  Booter(Flash& flash, const Layout& layout, const Trust& trust) : flash_(flash), layout_(layout), trust_(trust) {}

  Result<BootReport, Errc> run();

 protected:
  using Checked = Result<mcuboot::ImageInfo, Refusal>;
  ~Booter() = default;

  // Carries out what the trailers ask for. Called once more when the image that was just put into use does not verify:
  // then they ask for the revert.
  virtual Result<void, FlashErrc> update() { return {}; }
  // Takes the image to run into the report; false when none may run.
  virtual Result<bool, FlashErrc> choose();
  // Whether the image taken is not on test.
  virtual Result<bool, FlashErrc> is_confirmed() { return true; }

  Checked check(FlashArea area) { return accept(area, trust_, limits()); }
  void take(int slot, const mcuboot::ImageInfo& image);
  // Notes why an image was passed over. A slot in which no image begins holds none that could be refused.
  void note(const Refusal& why) {
    if (why.why != mcuboot::Errc::bad_magic) report_.refusal = why;
  }
  Result<void, FlashErrc> refuse(const Refusal& why, std::uint32_t offset1);

  FlashArea slot(int n) { return slot_area(flash_, layout_, n); }
  Trailer trailer(int n) { return {slot(n), layout_.slot0.size / flash_.geometry().sector_size}; }
  Limits limits() const {
    return {.image_size = max_image_size(layout_, flash_.geometry()), .ratchet = report_.ratchet};
  }

  Flash& flash_;
  const Layout& layout_;
  Trust trust_;
  BootReport report_{};

 private:
  Result<void, FlashErrc> settle();
  Ratchet to_store();
};

}  // namespace lockstep::boot
