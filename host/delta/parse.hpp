// Decides which instructions make a window: the cheapest row of additions, runs and copies, in bytes of the patch.
#pragma once

#include <cstdint>
#include <vector>

#include "host/delta/match_index.hpp"
#include "protocols/delta/code_table.hpp"

namespace lockstep::delta {

struct Operation {
  Kind kind = Kind::add;
  std::uint32_t at = 0;       // in the window
  std::uint32_t size = 0;
  std::uint32_t address = 0;  // of a copy: in the segment, or behind it in the window
};

// A stretch of the base that a window may copy from; addresses count from its first byte.
struct Segment {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

// What a window is made from.
struct Parts {
  Bytes base;               // whole
  const MatchIndex& index;  // of the whole base
  Bytes window;
};

// The operations that make the window, in order, without gaps.
std::vector<Operation> parse(const Parts& parts, const Segment& segment);

}  // namespace lockstep::delta
