// Whether an image may run on this device: the one place where that is decided.
#pragma once

#include <cstdint>
#include <span>

#include "device/boot/flash.hpp"
#include "device/boot/ratchet.hpp"
#include "protocols/mcuboot/crypto.hpp"
#include "protocols/mcuboot/image.hpp"
#include "protocols/mcuboot/verify.hpp"

namespace lockstep::boot {

// What the device accepts. Borrowed for the call.
struct Trust {
  mcuboot::Crypto& crypto;
  std::span<const mcuboot::PublicKey> keys;  // any of them may have signed; at most 32 can be revoked
  // Who made the device and of which class it is, as UUIDs. An image that names another one may not run; one that names
  // none fits, and a device without these takes what it gets.
  const mcuboot::Uuid* vendor = nullptr;
  const mcuboot::Uuid* device_class = nullptr;
};

// Why an image may not run.
struct Refusal {
  enum class Reason : std::uint8_t {
    not_verified,   // `why` tells
    below_counter,  // it is older than the device may go back to
    other_device,   // it is for another vendor's device, or for one of another class
  };
  Reason reason = Reason::not_verified;
  mcuboot::Errc why = mcuboot::Errc::no_hash;
};

struct Limits {
  std::uint32_t image_size = 0;  // bytes that fit beside the trailers
  Ratchet ratchet{};             // what is stored
};

// Reads, hashes and verifies the image that begins at the area's first byte.
Result<mcuboot::ImageInfo, Refusal> accept(FlashArea area, const Trust& trust, const Limits& limits);

}  // namespace lockstep::boot
