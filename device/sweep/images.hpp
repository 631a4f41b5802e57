// The images of a sweep: small, signed with a toy (device/boot/toy_crypto.hpp), sized for one shape.
#pragma once

#include "device/sweep/shape.hpp"
#include "host/base/buffer.hpp"
#include "protocols/mcuboot/image.hpp"

namespace lockstep::sweep {

struct Image {
  const char* name = "";
  Buffer file;
  mcuboot::Digest hash{};        // what the device lists
  std::uint32_t counter = 0;     // security counter
};

struct Images {
  Image first;   // 1.0.0, counter 1, two thirds of the room
  Image second;  // 2.0.0, counter 2, all the room there is
  Image third;   // 3.0.0, counter 2, small
  Image forged;  // 4.0.0, wrongly signed
  Image stale;   // 9.0.0, counter 1: well signed, and too old once the second image was confirmed
  Buffer patch;  // makes the second out of the first; empty unless asked for
};

Images make_images(const Shape& shape, boot::Mode mode, bool with_patch);

}  // namespace lockstep::sweep
