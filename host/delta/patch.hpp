// Makes patches: VCDIFF files (RFC 3284) with the default code table, cut into windows that a device of little memory
// can apply while they arrive (protocols/delta/decoder.hpp).
#pragma once

#include <cstdint>

#include "host/base/buffer.hpp"
#include "host/base/error.hpp"

namespace lockstep::delta {

// What the device that applies the patch can take.
struct WindowLimits {
  static constexpr std::uint32_t least_target = 64, least_delta = 96;
  std::uint32_t target = 16 * 1024;  // bytes of the new image that a window makes, at most; least_target or more
  std::uint32_t delta = 3 * 1024;    // bytes of a window's delta encoding; least_delta or more
  friend bool operator==(const WindowLimits&, const WindowLimits&) = default;
};

// The patch that makes `target` out of `base`, both whole image files, with a PatchHeader that names them. Any two
// images give one; when they have little in common it is some permille larger than the target, and not worth while.
Buffer make_patch(Bytes base, Bytes target, const WindowLimits& limits = {});

// What the patch makes out of `base`. ErrorKind: invalid when it is damaged or for another base, and never anything
// but the target that it names.
Outcome<Buffer> apply_patch(Bytes base, Bytes patch);

}  // namespace lockstep::delta
