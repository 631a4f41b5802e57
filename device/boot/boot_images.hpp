// A device of several images (MCUboot's multi-image): each has a layout of its own, with slots, trailers and a ratchet, and
// is tried, confirmed and reverted by its own trailers. Only mode swap knows how to keep a set together.
#pragma once

#include <cstddef>
#include <span>

#include "device/boot/boot.hpp"

namespace lockstep::boot {

// Boots image `image` as boot() does. To be called for each image at each boot, in the order of the layouts; the device may
// start when all gave a report. Images that were asked for before one reset are tried together, whatever cuts the power:
// when a later image is still to be put into use, or is half way, then this one, if it is on test, has been put into use by
// a boot that did not get to its end, and stays instead of being reverted. The boot after that reverts both.
Result<BootReport, Errc> boot_image(Flash& flash, std::span<const Layout> layouts, std::size_t image, const Trust& trust);

}  // namespace lockstep::boot
