#include "host/update/standing.hpp"

namespace lockstep::update {
namespace {

// MCUboot's numbers (SMP OS group, bootloader information). In these modes the newest bootable image runs
// whatever the host marks, or there is no second slot.
const char* unsupported_mode(std::int32_t mode) {
  switch (mode) {
    case 0:
      return "single slot";
    case 4:
      return "direct-xip";
    case 5:
      return "direct-xip with revert";
    case 6:
      return "RAM load";
    case 7:
      return "firmware loader";
    case 8:
      return "RAM load with revert";
    default:
      return nullptr;
  }
}

}  // namespace

Standing classify(const session::Inventory& inventory, const std::string& image_hash) {
  const session::ImageSlot* slot = inventory.find(image_hash);
  if (slot == nullptr) return Standing::missing;
  if (slot->active) return slot->confirmed ? Standing::kept : Standing::on_trial;
  return slot->pending ? Standing::pending : Standing::stored;
}

Event event_of(Standing standing) {
  switch (standing) {
    case Standing::missing:
      return Event::image_missing;
    case Standing::stored:
      return Event::image_stored;
    case Standing::pending:
      return Event::image_pending;
    case Standing::on_trial:
      return Event::image_on_trial;
    case Standing::kept:
      return Event::image_kept;
  }
  return Event::refused;
}

Event event_after_reset(Standing standing) {
  const bool gone = standing == Standing::missing || standing == Standing::stored;
  return gone ? Event::went_back : event_of(standing);
}

std::optional<std::string> objection(const session::Inventory& inventory, std::uint32_t image_number,
                                     const std::string& image_hash) {
  const session::ImageSlot* running = inventory.running(image_number);
  if (running == nullptr) return "the device lists no running image; is it in its bootloader?";
  if (inventory.bootloader && inventory.bootloader->mode)
    if (const char* mode = unsupported_mode(*inventory.bootloader->mode))
      return std::string("the bootloader's mode is '") + mode +
             "', in which an image cannot be tried and kept";
  if (!running->confirmed)
    return "the running image " + describe(running) +
           " is itself on trial; confirm it or reset the device first";
  for (const session::ImageSlot& slot : inventory.images)
    if (slot.image == image_number && slot.pending && !slot.active && slot.hash != image_hash)
      return "another image, " + describe(&slot) + ", is pending already; reset the device first";
  return std::nullopt;
}

std::string describe(const session::ImageSlot* slot) {
  if (slot == nullptr) return "nothing";
  return (slot->version.empty() ? "unknown version" : slot->version) + " (" + slot->hash.substr(0, 12) + ")";
}

}  // namespace lockstep::update
