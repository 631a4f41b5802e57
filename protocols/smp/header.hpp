// The eight bytes before every SMP message, big endian.
// Specification: Zephyr Project documentation, "SMP Protocol Specification", section "Frame: The envelope".
//   byte 0: reserved:3 version:2 operation:3 | 1: flags | 2-3: length of the body | 4-5: group | 6: sequence
//   byte 7: command
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/smp/errc.hpp"

namespace lockstep::smp {

inline constexpr std::size_t header_size = 8;
inline constexpr std::uint16_t udp_port = 1337;  // over UDP one datagram is one message; there is no other framing
// Largest message that the length field allows.
inline constexpr std::size_t max_message_size = header_size + 0xffff;

enum class Op : std::uint8_t { read = 0, read_reply = 1, write = 2, write_reply = 3 };

// The two-bit version field: v1 servers know `rc` only, v2 adds `err{group, rc}`.
enum class Version : std::uint8_t { v1 = 0, v2 = 1 };

// Group numbers that Lockstep speaks; others are just numbers.
namespace group {
inline constexpr std::uint16_t os = 0;
inline constexpr std::uint16_t image = 1;
inline constexpr std::uint16_t settings = 3;
inline constexpr std::uint16_t file = 8;
inline constexpr std::uint16_t node = 64;  // first group that the specification leaves to users
}  // namespace group

struct Header {
  Op op = Op::read;
  Version version = Version::v2;
  std::uint8_t flags = 0;
  std::uint16_t length = 0;  // bytes of the body that follows
  std::uint16_t group = 0;
  std::uint8_t sequence = 0;
  std::uint8_t command = 0;

  friend constexpr bool operator==(const Header&, const Header&) = default;
};

// What is asked for: a request type names its own in `command`.
struct Command {
  std::uint16_t group = 0;
  std::uint8_t id = 0;
  Op op = Op::read;
};

constexpr bool is_request(const Header& h) { return h.op == Op::read || h.op == Op::write; }
constexpr bool is_for(const Header& h, const Command& c) {
  return h.group == c.group && h.command == c.id && h.op == c.op;
}

// The header of the answer to `request`: same group, command, sequence and version; the length is left at 0.
Header reply_to(const Header& request);
// Whether `reply` answers `request`: sequence, group, command and operation fit. The version may differ, because
// old servers ignore the field.
bool answers(const Header& reply, const Header& request);

std::array<std::byte, header_size> encode(const Header& h);
// The header at the front of `bytes`; what follows is not looked at.
// * bad_length: fewer than header_size bytes
// * bad_header: an operation above write_reply, a version above v2, or reserved bits that are not zero
Result<Header, Errc> decode_header(Bytes bytes);

// A message taken apart; `body` is a view into the input.
struct Message {
  Header header{};
  Bytes body{};
};
// One whole message: header and exactly header.length bytes. Errors: as decode_header, and bad_length.
Result<Message, Errc> decode_message(Bytes message);

}  // namespace lockstep::smp
