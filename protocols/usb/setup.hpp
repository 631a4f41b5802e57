// The eight bytes that begin every control transfer, little endian.
// Specification: Universal Serial Bus Specification, revision 2.0, section 9.3.
//   byte 0: direction:1 type:2 recipient:5 | 1: request | 2-3: value | 4-5: index | 6-7: length of the data stage
#pragma once

#include <array>
#include <cstdint>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/usb/errc.hpp"

namespace lockstep::usb {

enum class Direction : std::uint8_t { out = 0, in = 1 };  // as the host sees it
enum class RequestType : std::uint8_t { standard = 0, class_specific = 1, vendor = 2, reserved = 3 };
enum class Recipient : std::uint8_t { device = 0, interface = 1, endpoint = 2, other = 3 };

// bRequest of a standard request (table 9-4).
namespace request {
inline constexpr std::uint8_t get_status = 0;
inline constexpr std::uint8_t clear_feature = 1;
inline constexpr std::uint8_t set_feature = 3;
inline constexpr std::uint8_t set_address = 5;
inline constexpr std::uint8_t get_descriptor = 6;
inline constexpr std::uint8_t get_configuration = 8;
inline constexpr std::uint8_t set_configuration = 9;
inline constexpr std::uint8_t get_interface = 10;
inline constexpr std::uint8_t set_interface = 11;
}  // namespace request

struct Setup {
  static constexpr std::size_t size = 8;  // bytes encoded

  std::uint8_t request_type = 0;  // bmRequestType; see make_request_type
  std::uint8_t request = 0;
  std::uint16_t value = 0;
  std::uint16_t index = 0;
  std::uint16_t length = 0;  // bytes of the data stage: sent exactly (out), or at most (in)

  constexpr Direction direction() const { return static_cast<Direction>(request_type >> 7); }
  constexpr RequestType type() const { return static_cast<RequestType>(request_type >> 5 & 3); }
  // Bits 0 to 4; values above Recipient::other are reserved and come out as they are.
  constexpr Recipient recipient() const { return static_cast<Recipient>(request_type & 0x1f); }

  std::array<std::byte, size> encode() const;
  // Of exactly eight bytes; everything that they can say is a setup. Errc: bad_length.
  static Result<Setup, Errc> decode(Bytes bytes);

  friend constexpr bool operator==(const Setup&, const Setup&) = default;
};

constexpr std::uint8_t make_request_type(Direction d, RequestType t, Recipient r) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(d) << 7 | static_cast<unsigned>(t) << 5 |
                                   static_cast<unsigned>(r));
}

// How a device answers a control transfer.
struct Answer {
  bool stalled = false;
  Bytes data{};  // of an in transfer, at most as long as asked for; valid until the next call of the device
};

}  // namespace lockstep::usb
