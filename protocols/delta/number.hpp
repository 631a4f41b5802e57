// Integers as VCDIFF writes them: base 128, most significant digit first, the top bit set in all but the last byte
// (RFC 3284, section 2). Lengths and addresses of images fit 32 bits, so more is refused.
#pragma once

#include <cstdint>
#include <optional>

#include "protocols/core/bytes.hpp"

namespace lockstep::delta {

inline constexpr std::size_t max_number_size = 5;

// Takes one off the front; nothing when it is cut or larger than 32 bits.
inline std::optional<std::uint32_t> read_number(ByteReader& r) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < max_number_size; ++i) {
    const std::uint8_t digit = r.u8();
    value = value << 7 | (digit & 0x7fu);
    if ((digit & 0x80u) != 0) continue;
    if (!r.ok() || value > UINT32_MAX) return std::nullopt;
    return static_cast<std::uint32_t>(value);
  }
  return std::nullopt;
}

constexpr std::size_t number_size(std::uint32_t value) {
  std::size_t n = 1;
  while (value >>= 7) ++n;
  return n;
}

inline void write_number(ByteWriter& w, std::uint32_t value) {
  for (std::size_t i = number_size(value); i-- > 0;) {
    const auto digit = static_cast<std::uint8_t>(value >> (7 * i) & 0x7fu);
    w.u8(i == 0 ? digit : static_cast<std::uint8_t>(digit | 0x80u));
  }
}

}  // namespace lockstep::delta
