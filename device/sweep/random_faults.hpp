// Random power cuts and write errors over whole updates, many after each other.
#pragma once

#include <cstdint>

#include "device/sweep/explorer.hpp"

namespace lockstep::sweep {

// One run: scenario, shape, mode, and when what fails all follow from `seed`. Cuts and errors in the first lives, then
// none: the device boots a right image, and the host gets what it wants. An error is answered by the flash, with
// nothing or half of the operation done, once or for some operations in a row.
Outcome run_with_faults(std::uint64_t seed);

}  // namespace lockstep::sweep
