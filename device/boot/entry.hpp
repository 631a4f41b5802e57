// The second decision, right before the jump.
#pragma once

#include "device/boot/accept.hpp"
#include "device/boot/layout.hpp"

namespace lockstep::boot {

// Decides anew, from the flash alone, whether the image at the slot's first byte may run, and says where its code
// begins: bytes from the flash's first byte to the one behind the image's header. A bootloader calls it with
// BootReport::slot and jumps only to what it returns. Nothing that boot() found out is used, so a fault of the
// processor (an instruction that is skipped, a bit that flips in RAM) can spoil one of the two decisions, not both.
// Costs a second verification.
Result<std::uint32_t, Refusal> entry(Flash& flash, const Layout& layout, const Trust& trust, int slot);

}  // namespace lockstep::boot
