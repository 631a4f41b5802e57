#include "host/base/ids.hpp"

#include <array>
#include <cstdint>

#include "host/base/crypto.hpp"
#include "host/base/text.hpp"

namespace lockstep {

std::string new_id(std::string_view kind) {
  static constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::array<std::byte, 16> bits;
  fill_random(bits);
  const auto ms = static_cast<std::uint64_t>(now().time_since_epoch().count());
  for (std::size_t i = 0; i < 6; ++i) bits[i] = static_cast<std::byte>(ms >> (8 * (5 - i)));

  std::string id = std::string(kind) + "-";
  // 26 digits of 5 bits hold 130 bits; the first digit has the two that are missing.
  unsigned pending = 0, pending_bits = 2;
  for (const std::byte b : bits) {
    pending = (pending << 8) | std::to_integer<unsigned>(b);
    pending_bits += 8;
    while (pending_bits >= 5) {
      pending_bits -= 5;
      id += digits[(pending >> pending_bits) & 31];
    }
    pending &= (1u << pending_bits) - 1;
  }
  return id;
}

}  // namespace lockstep
