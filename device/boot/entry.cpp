#include "device/boot/entry.hpp"

#include "device/boot/counter.hpp"

namespace lockstep::boot {

Result<std::uint32_t, Refusal> entry(Flash& flash, const Layout& layout, Trust trust, int slot) {
  const auto counter = CounterLog(counter_area(flash, layout)).read();
  if (!counter) return Fail(Refusal{.why = mcuboot::Errc::read_failed});
  const Limits limits{.image_size = max_image_size(layout, flash.geometry()), .security_counter = *counter};
  LOCKSTEP_TRY(image, accept(slot_area(flash, layout, slot), trust, limits));
  return (slot == 0 ? layout.slot0 : layout.slot1).offset + image.header.header_size;
}

}  // namespace lockstep::boot
