// The first byte of a window (RFC 3284, section 4.2), bit by bit.
#pragma once

#include <cstdint>

namespace lockstep::delta::window_indicator {

inline constexpr std::uint8_t from_base = 1;    // VCD_SOURCE: its segment lies in the base
inline constexpr std::uint8_t from_target = 2;  // VCD_TARGET: ... in what was made before
inline constexpr std::uint8_t has_adler32 = 4;  // VCD_ADLER32: an extension of xdelta3 and open-vcdiff

}  // namespace lockstep::delta::window_indicator
