// Two images for tests that drive the program: what a device was made with, and what it is to run.
#pragma once

#include "device/boot/test_board.hpp"

namespace lockstep::sim::testing {

inline const Buffer& image1() {
  static const Buffer image = boot::testing::make_image({.version = {1, 0, 0, 0}, .payload_size = 20000});
  return image;
}
inline const Buffer& image2() {
  static const Buffer image = boot::testing::make_image({.version = {2, 0, 0, 0}, .payload_size = 30000});
  return image;
}

}  // namespace lockstep::sim::testing
