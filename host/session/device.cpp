#include "host/session/device.hpp"

namespace lockstep::session {

const ImageSlot* Inventory::running(std::uint32_t image) const {
  for (const ImageSlot& slot : images)
    if (slot.active && slot.image == image) return &slot;
  return nullptr;
}

const ImageSlot* Inventory::find(const std::string& hash) const {
  const ImageSlot* found = nullptr;
  for (const ImageSlot& slot : images) {
    if (hash.empty() || slot.hash != hash) continue;
    if (slot.active) return &slot;
    if (found == nullptr || slot.pending) found = &slot;
  }
  return found;
}

}  // namespace lockstep::session
