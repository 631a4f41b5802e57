// Where things are in a device's flash, and how its bootloader updates: the facts that boot and agent share.
#pragma once

#include <cstdint>
#include <string_view>

#include "device/boot/flash.hpp"

namespace lockstep::boot {

// How an upgrade gets from slot 1 into use. Names as MCUboot's design document has them.
enum class Mode : std::uint8_t {
  swap,            // swap using offset: tested, then confirmed or reverted
  overwrite_only,  // copied over slot 0; no way back
  direct_xip,      // each image runs from its own slot; tested, then confirmed or reverted
  ram_load,        // the newest image is run from RAM; state cannot be written (Zephyr answers rc 8)
};
std::string_view text(Mode m);

struct Region {
  std::uint32_t offset = 0;  // bytes from the flash's first byte, on a sector boundary
  std::uint32_t size = 0;    // bytes, whole sectors
  friend bool operator==(const Region&, const Region&) = default;
};

// The trailer at the end of each slot is part of the slot. In swap mode slot 1 should have one sector more than
// slot 0 (the upgrade begins in its second sector); equal sizes work too, with one sector less for the image.
struct Layout {
  Mode mode = Mode::swap;
  Region slot0{};
  Region slot1{};
  Region ratchet{};   // log of what never goes back (ratchet.hpp), two sectors or more; size 0: nothing is kept
  Region settings{};  // log of the settings, an even number of sectors; size 0: no settings. The boot code leaves it alone
};

inline FlashArea slot_area(Flash& flash, const Layout& layout, int slot) {
  const Region r = slot == 0 ? layout.slot0 : layout.slot1;
  return {flash, r.offset, r.size};
}

inline FlashArea ratchet_area(Flash& flash, const Layout& layout) {
  return {flash, layout.ratchet.offset, layout.ratchet.size};
}

inline FlashArea settings_area(Flash& flash, const Layout& layout) {
  return {flash, layout.settings.offset, layout.settings.size};
}

// Where an image that is uploaded to slot 1 has to begin inside the slot: one sector up in swap mode, else 0.
std::uint32_t upgrade_offset(const Layout& layout, const Geometry& geometry);

// The largest image (header, payload and TLVs) that fits both slots beside the trailers. 0 when nothing fits.
std::uint32_t max_image_size(const Layout& layout, const Geometry& geometry);

// Whether regions lie inside the flash on sector boundaries, do not overlap, and leave room for an image. The boot code
// asks that; of the settings, which are not its concern, is_settings_region_sound tells.
bool is_sound(const Layout& layout, const Geometry& geometry);
bool is_settings_region_sound(const Layout& layout, const Geometry& geometry);

}  // namespace lockstep::boot
