// How a copy's address is written: as it is, backwards from here, or by its nearness to earlier ones
// (RFC 3284, sections 5.1 to 5.4). Encoder and decoder keep the same cache; it is emptied for each window.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "protocols/core/bytes.hpp"

namespace lockstep::delta {

namespace mode {
inline constexpr std::uint8_t self = 0;         // the address
inline constexpr std::uint8_t here = 1;         // how far it lies before the place that is being made
inline constexpr std::uint8_t first_near = 2;   // how far it lies behind one of the last four
inline constexpr std::uint8_t first_same = 6;   // it was used before: one byte
}  // namespace mode

class AddressCache {
 public:
  static constexpr std::size_t near_size = 4;
  static constexpr std::size_t same_size = 3;

  void clear() {
    near_.fill(0);
    same_.fill(0);
    next_ = 0;
  }

  // Takes an address off `addresses` and remembers it. `here`: the address of the byte that is made next; the result
  // lies before it. Nothing when the bytes give no such address.
  std::optional<std::uint32_t> decode(ByteReader& addresses, std::uint8_t mode, std::uint32_t here);

  // The shortest way to write an address, which lies before `here`.
  struct Written {
    std::uint8_t mode = 0;
    std::uint32_t value = 0;  // a number, or one byte from mode first_same on
    std::size_t size = 0;     // bytes
  };
  Written best(std::uint32_t address, std::uint32_t here) const;
  void update(std::uint32_t address);

 private:
  std::array<std::uint32_t, near_size> near_{};
  std::array<std::uint32_t, same_size * 256> same_{};
  std::size_t next_ = 0;
};

}  // namespace lockstep::delta
