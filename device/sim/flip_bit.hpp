// A bit that a bad link turned over.
#pragma once

#include <cstdint>

#include "protocols/core/bytes.hpp"

namespace lockstep::sim {

// Bit `bit` of the bytes, modulo their number of bits; nothing when there are none.
inline void flip_bit(MutableBytes bytes, std::uint64_t bit) {
  if (bytes.empty()) return;
  bytes[bit / 8 % bytes.size()] ^= std::byte{1} << static_cast<int>(bit % 8);
}

}  // namespace lockstep::sim
