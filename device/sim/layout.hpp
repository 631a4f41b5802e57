// How the flash of a simulated device is divided.
#pragma once

#include "device/boot/layout.hpp"

namespace lockstep::sim {

inline constexpr std::uint32_t sector_size = 4096;

// Slot 0, slot 1 with one sector more (swap by offset), the counter's log, the settings' log. `slot_bytes`: whole sectors.
boot::Layout layout_for(std::uint32_t slot_bytes, boot::Mode mode);
// The same for the next image of a device, behind what `before` takes; it has no settings.
boot::Layout layout_behind(const boot::Layout& before);
// The flash that ends with this layout.
boot::Geometry geometry_of(const boot::Layout& last);

}  // namespace lockstep::sim
