// Where the expected image stands on a device, from what the device lists. Plain functions over values.
#pragma once

#include <optional>
#include <string>

#include "host/session/device.hpp"
#include "host/update/job.hpp"
#include "host/update/states.hpp"

namespace lockstep::update {

enum class Standing : std::uint8_t {
  missing,   // in no slot
  stored,    // in a slot, not marked
  pending,   // marked: runs after the next reset
  on_trial,  // runs, and goes back at the next reset
  kept,      // runs and stays
};

Standing classify(const session::Inventory& inventory, const std::string& image_hash);

// The event of a standing as such: image_missing, image_stored, ... Only for states before the reset.
Event event_of(Standing standing);

// The same after the device was told to reset: an image that runs no more has gone back.
Event event_after_reset(Standing standing);

// Why image `image_number` of this device must not be updated now, in words; nothing when it may. Only for an image that is not
// running:
// * no slot runs (a bootloader's own server, or an empty device)
// * the running image is itself on trial, or another one is pending: its way back would be overwritten
// * the boot mode does not let the host choose the image
std::optional<std::string> objection(const session::Inventory& inventory, std::uint32_t image_number,
                                     const std::string& image_hash);

// "2.0.0 (9f86d081884c)", "nothing" for a null pointer.
std::string describe(const session::ImageSlot* slot);

}  // namespace lockstep::update
