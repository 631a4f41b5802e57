// Which of the flashes that a walk passes through are tried.
#pragma once

#include <cstddef>
#include <vector>

#include "device/qemu/host/faults/walk.hpp"

namespace lockstep::board {

struct CutPoints {
  std::vector<std::size_t> stores;  // numbers, from 1, of the stores behind which the flash is tried; ascending
  std::size_t changing = 0;         // stores that changed the flash
};

// Every store that changes the flash, but for those that erase or fill one sector of an image's body (header, code, TLVs
// of an image of `image_size` bytes, in either slot): of such a run the first, the middle and the last one. Trailers,
// counter and pages are never sampled.
CutPoints choose_cut_points(const Walk& walk, std::size_t image_size);

}  // namespace lockstep::board
