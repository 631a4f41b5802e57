// Flashes whose firmware must not run, one for each reason, and the one whose firmware does.
#pragma once

#include <string_view>
#include <vector>

#include "device/qemu/host/rig/flash_maker.hpp"

namespace lockstep::board {

struct BadImage {
  std::string_view name;
  Buffer flash;            // from the flash's first byte to behind the slots
  bool costs_much = false;  // the boot verifies a signature, which takes ten times the rest
};

struct BadImages {
  Buffer good;  // a flash whose firmware runs
  std::vector<BadImage> bad;
};

// Throws std::runtime_error.
BadImages make_bad_images(const FlashMaker& maker);

}  // namespace lockstep::board
