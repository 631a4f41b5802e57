// The network of a device that only answers: one Ethernet frame in, at most one out. It opens no connection, keeps no
// table of neighbours, and asks nobody: every answer goes back to the MAC address, IP address and port that the request
// came from, so that it needs no netmask and no gateway either.
//
// ARP     RFC 826: answers who has its address; an address probe (RFC 5227, 1.1) too. Learns nothing.
// IPv4    RFC 791, RFC 1122 3.2.1: header checksum; options are passed over, not obeyed; fragments are refused; a
//         time to live below 2 is no reason to refuse (3.2.1.7). Only what is sent to it alone, by a host that can be
//         answered: no broadcast, no multicast, no loopback (3.2.1.3), no unicast packet in a broadcast frame (3.3.6).
// ICMP    RFC 792, RFC 1122 3.2.2.6: echo. Nothing else; no errors are sent, so a wrong port is met by silence.
// UDP     RFC 768, RFC 1122 4.1.3: one port. A datagram without a checksum is refused: what comes here may be firmware.
#pragma once

#include <array>
#include <cstdint>

#include "protocols/core/bytes.hpp"

namespace lockstep::net {

using MacAddress = std::array<std::uint8_t, 6>;
using Ipv4Address = std::array<std::uint8_t, 4>;

inline constexpr std::size_t max_frame_size = 1514;  // without the check sequence, which is the hardware's
inline constexpr std::size_t min_frame_size = 60;    // shorter ones are filled up with zeros
inline constexpr std::size_t max_payload_size = 1500 - 20 - 8;  // of a datagram that is no fragment

struct Endpoint {
  MacAddress mac{};
  Ipv4Address ip{};
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// A locally administered unicast address (IEEE 802, second bit of the first byte) for devices that were given none:
// another one for each number.
MacAddress local_mac(std::uint32_t number);

class Responder {
 public:
  struct Event {
    enum class Kind : std::uint8_t {
      nothing,   // the frame is not for us, or broken
      frame,     // `bytes` is a frame to send, in the lent buffer
      datagram,  // `bytes` is what came for our port: a view into the frame; answer() may follow
    };
    Kind kind = Kind::nothing;
    Bytes bytes{};
  };

  // `out` takes the frames to send and is borrowed; longer answers than it holds are not given.
  Responder(const Endpoint& own, MutableBytes out) : own_(own), out_(out) {}

  // `frame` without its check sequence; may not lie in `out`.
  Event take(Bytes frame);
  // The frame that carries `payload` to the sender of the last datagram, in the lent buffer until the next call. Empty
  // when the payload is longer than max_payload_size or the buffer, or no datagram has come yet.
  Bytes answer(Bytes payload);

  const Endpoint& own() const { return own_; }

 private:
  struct Packet;  // what an IPv4 header says

  Event take_arp(Bytes arp);
  Event take_ipv4(Bytes bytes, const MacAddress& from);
  Event take_icmp(const Packet& packet);
  Event take_udp(const Packet& packet);

  // Puts the headers in front of `out`.
  ByteWriter begin(const MacAddress& to, std::uint16_t type) const;
  ByteWriter begin_ipv4(const MacAddress& to, const Ipv4Address& ip, std::uint8_t protocol,
                        std::size_t payload_size) const;
  static Bytes finish(ByteWriter& frame);

  Endpoint own_;
  Endpoint peer_{};  // sender of the last datagram; port 0: there was none
  MutableBytes out_;
};

}  // namespace lockstep::net
