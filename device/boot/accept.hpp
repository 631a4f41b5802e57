// Whether an image may run on this device: the one place where that is decided.
#pragma once

#include <cstdint>
#include <span>

#include "device/boot/flash.hpp"
#include "protocols/mcuboot/crypto.hpp"
#include "protocols/mcuboot/image.hpp"
#include "protocols/mcuboot/verify.hpp"

namespace lockstep::boot {

// What the device accepts. Borrowed for the call.
struct Trust {
  mcuboot::Crypto& crypto;
  std::span<const mcuboot::PublicKey> keys;  // any of them may have signed
};

// Why an image may not run: it does not verify, or it is older than the device may go back to.
struct Refusal {
  bool below_counter = false;    // its security counter is below the stored one; then `why` says nothing
  mcuboot::Errc why = mcuboot::Errc::no_hash;
};

struct Limits {
  std::uint32_t image_size = 0;        // bytes that fit beside the trailers
  std::uint32_t security_counter = 0;  // the stored one
};

// Reads, hashes and verifies the image that begins at the area's first byte.
Result<mcuboot::ImageInfo, Refusal> accept(FlashArea area, Trust trust, const Limits& limits);

}  // namespace lockstep::boot
