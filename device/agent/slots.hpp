// What is in the two slots of an image and what the next boot will do with it, as the image group tells and changes it.
#pragma once

#include <optional>

#include "device/agent/platform.hpp"
#include "device/boot/trailer.hpp"
#include "protocols/mcuboot/image.hpp"

namespace lockstep::agent {

// An error of the image group: protocols/smp/image_group.hpp, image_rc; never 0.
using ImageError = std::int32_t;

// One slot as the image list shows it.
struct SlotState {
  mcuboot::ImageInfo image{};
  bool active = false;
  bool confirmed = false;
  bool pending = false;
  bool permanent = false;
};

class Slots {
 public:
  explicit Slots(Platform& platform, int image = 0) : platform_(&platform), image_(image) {}

  const boot::Layout& layout() const { return platform_->layout(image_); }
  int active_slot() { return image_ == 0 ? platform_->active_slot() : 0; }

  // What the next boot is going to do, by the trailers alone.
  boot::SwapType next_boot();
  // The image in a slot (0 or 1), or nothing when there is none that can be read.
  std::optional<mcuboot::ImageInfo> image(int slot);
  std::optional<SlotState> state(int slot);
  // The slot whose image has that hash; slot 0 first.
  std::optional<int> find(Bytes hash);

  // The slot that does not run: the one that uploads go to.
  int upload_slot() { return active_slot() == 0 ? 1 : 0; }
  // Whether a slot's content is needed: it runs, is to be tried at the next boot, or is the way back.
  bool in_use(int slot);

  // Marks a slot for the next boot, once or for good, or confirms the running image, as Zephyr's image group does.
  Result<void, ImageError> set_next(int slot, bool confirm);

  // Where an image begins in the slot that uploads go to: bytes from the slot's first, and the area from there on.
  std::uint32_t upload_offset();
  boot::FlashArea upload_area();
  // Erases the slot that uploads go to, from `slot_offset` (a sector's first byte) to the end of an image of `length`
  // bytes. Sectors that are erased are left alone. The trailer is not touched unless the image reaches so far.
  Result<void, ImageError> erase_for_upload(std::uint32_t slot_offset, std::uint32_t length);
  // SHA-256 of the first `length` bytes; nothing when the platform has no crypto, or reading failed.
  std::optional<mcuboot::Digest> digest(boot::FlashArea area, std::uint32_t length);
  boot::FlashArea area(int slot) { return boot::slot_area(platform_->flash(), layout(), slot); }
  boot::Trailer trailer(int slot);

 private:
  boot::SwapType next_boot_in_place();
  bool is_newer_than_running(int slot);
  Result<void, ImageError> confirm_active();
  Result<void, ImageError> mark(int slot, bool permanent);
  boot::TrailerState trailer_state(int slot);

  Platform* platform_;
  int image_;
};

}  // namespace lockstep::agent
