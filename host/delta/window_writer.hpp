// Writes operations as one VCDIFF window (RFC 3284, sections 4.2 and 4.3).
#pragma once

#include <span>

#include "host/base/buffer.hpp"
#include "host/delta/parse.hpp"

namespace lockstep::delta {

struct WrittenWindow {
  Buffer bytes;                  // header included
  std::uint32_t target_size = 0;  // bytes of the window that it makes
  std::size_t operations = 0;    // how many were used; the last may have been used in part
};

// As many of the operations as a delta encoding of `limit` bytes takes; at least 96. A long addition is cut to fit.
WrittenWindow write_window(std::span<const Operation> operations, Bytes window, const Segment& segment,
                           std::uint32_t limit);

}  // namespace lockstep::delta
