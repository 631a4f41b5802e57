// The decision of a boot: two trailers in, one word out. The table in decide.cpp is the one in
// device/README.md, "State tables"; rows are tried from the top.
#pragma once

#include "device/boot/layout.hpp"
#include "device/boot/trailer.hpp"

namespace lockstep::boot {

// A swap that was under way when the power went is resumed by the type in its swap info; the tables do not apply.
// True when slot 0's trailer holds the status of an unfinished swap (magic good, copy done unset), and it is certain
// that the swap was set up completely: slot 1's magic is not good, or it is a revert or a permanent swap.
bool is_interrupted_swap(const TrailerState& slot0, const TrailerState& slot1);

// What the trailers ask for, without regard to whether the image in slot 1 is valid.
//   none    boot slot 0
//   test    put slot 1's image into slot 0 for one boot
//   perm    put it there for good
//   revert  slot 0's image was on test and nobody confirmed it: put the old one back
SwapType decide(const TrailerState& slot0, const TrailerState& slot1, Mode mode);

// Mode direct_xip: what a slot's trailer says of the image in that slot.
enum class Standing : std::uint8_t {
  unmarked,   // nobody asked for it: runs only when no marked image may
  trial,      // asked for, and has not run yet
  wanted,     // asked for for good, and has not run yet
  failed,     // had its trial, and nobody confirmed it
  confirmed,
};
Standing standing(const TrailerState& slot);

}  // namespace lockstep::boot
