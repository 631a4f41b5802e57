// How the flash of a simulated device is divided.
#pragma once

#include "device/boot/layout.hpp"

namespace lockstep::sim {

inline constexpr std::uint32_t sector_size = 4096;

// Slot 0, slot 1 with one sector more (swap by offset), the counter's log, the settings' log. `slot_bytes`: whole sectors.
boot::Layout layout_for(std::uint32_t slot_bytes, boot::Mode mode);
// The flash that this layout fills.
boot::Geometry geometry_of(const boot::Layout& layout);

}  // namespace lockstep::sim
