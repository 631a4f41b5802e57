#include "device/boot/entry.hpp"

#include "device/boot/ratchet.hpp"

namespace lockstep::boot {

Result<std::uint32_t, Refusal> entry(Flash& flash, const Layout& layout, const Trust& trust, int slot) {
  const auto ratchet = RatchetLog(ratchet_area(flash, layout)).read();
  if (!ratchet) return Fail(Refusal{.why = mcuboot::Errc::read_failed});
  const Limits limits{.image_size = max_image_size(layout, flash.geometry()), .ratchet = *ratchet};
  LOCKSTEP_TRY(image, accept(slot_area(flash, layout, slot), trust, limits));
  return (slot == 0 ? layout.slot0 : layout.slot1).offset + image.header.header_size;
}

}  // namespace lockstep::boot
