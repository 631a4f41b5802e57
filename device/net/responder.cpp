#include "device/net/responder.hpp"

#include <algorithm>
#include <span>

#include "device/net/checksum.hpp"

namespace lockstep::net {
namespace {

constexpr MacAddress broadcast{0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

namespace ethertype {
constexpr std::uint16_t ipv4 = 0x0800;
constexpr std::uint16_t arp = 0x0806;
}  // namespace ethertype

namespace arp {
constexpr std::uint64_t ethernet_ipv4 = 0x0001'0800'06'04;  // hardware, protocol, and the lengths of their addresses
constexpr std::uint16_t request = 1;
constexpr std::uint16_t reply = 2;
}  // namespace arp

namespace protocol {
constexpr std::uint8_t icmp = 1;
constexpr std::uint8_t udp = 17;
}  // namespace protocol

constexpr std::size_t ipv4_header_size = 20;  // without options
constexpr std::size_t udp_header_size = 8;
constexpr std::uint8_t version_and_size = 4 << 4 | ipv4_header_size / 4;
constexpr std::uint16_t dont_fragment = 0x4000;  // with it the identification may be 0 (RFC 6864, 4.1)
constexpr std::uint16_t more_fragments_or_offset = 0x3fff;
constexpr std::uint8_t time_to_live = 64;

constexpr std::uint16_t echo_request = 0x0800;  // type 8, code 0
constexpr std::uint16_t echo_reply = 0x0000;

template <std::size_t n>
std::array<std::uint8_t, n> take(ByteReader& reader) {
  std::array<std::uint8_t, n> address{};
  for (std::uint8_t& byte : address) byte = reader.u8();
  return address;
}

template <std::size_t n>
Bytes bytes(const std::array<std::uint8_t, n>& address) {
  return std::as_bytes(std::span(address));
}

bool is_group(const MacAddress& mac) { return (mac[0] & 1) != 0; }

// Not "this network", not loopback, neither multicast nor broadcast. (A directed broadcast cannot be told apart without
// a netmask; the answer goes to the MAC address of one machine all the same.)
bool is_host(const Ipv4Address& ip) { return ip[0] != 0 && ip[0] != 127 && ip[0] < 224; }

Responder::Event to_send(Bytes frame) {
  return {frame.empty() ? Responder::Event::Kind::nothing : Responder::Event::Kind::frame, frame};
}

Checksum udp_pseudo_header(const Ipv4Address& from, const Ipv4Address& to, std::size_t size) {
  Checksum sum;
  sum.add(bytes(from));
  sum.add(bytes(to));
  sum.add(std::uint16_t{protocol::udp});
  sum.add(static_cast<std::uint16_t>(size));
  return sum;
}

}  // namespace

struct Responder::Packet {
  MacAddress mac;
  Ipv4Address ip;
  Bytes payload;
};

MacAddress local_mac(std::uint32_t number) {
  return {0x02, 0x4c, static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
          static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

Responder::Event Responder::take(Bytes frame) {
  ByteReader reader(frame);
  const auto to = net::take<6>(reader);
  const auto from = net::take<6>(reader);
  const std::uint16_t type = reader.u16be();
  if (!reader.ok() || is_group(from)) return {};
  if (type == ethertype::arp && (to == own_.mac || to == broadcast)) return take_arp(reader.rest());
  if (type == ethertype::ipv4 && to == own_.mac) return take_ipv4(reader.rest(), from);
  return {};
}

Responder::Event Responder::take_arp(Bytes packet) {
  ByteReader reader(packet);
  std::uint64_t kind = reader.u32be();
  kind = kind << 16 | reader.u16be();
  const std::uint16_t operation = reader.u16be();
  const auto sender_mac = net::take<6>(reader);
  const auto sender_ip = net::take<4>(reader);
  reader.skip(sizeof(MacAddress));
  const auto wanted = net::take<4>(reader);
  if (!reader.ok() || kind != arp::ethernet_ipv4 || operation != arp::request) return {};
  // Somebody who says that our address is his does not want to know who has it.
  if (wanted != own_.ip || sender_ip == own_.ip || is_group(sender_mac)) return {};

  ByteWriter writer = begin(sender_mac, ethertype::arp);
  writer.u32be(static_cast<std::uint32_t>(arp::ethernet_ipv4 >> 16));
  writer.u16be(static_cast<std::uint16_t>(arp::ethernet_ipv4));
  writer.u16be(arp::reply);
  writer.bytes(bytes(own_.mac));
  writer.bytes(bytes(own_.ip));
  writer.bytes(bytes(sender_mac));
  writer.bytes(bytes(sender_ip));
  return to_send(finish(writer));
}

Responder::Event Responder::take_ipv4(Bytes packet, const MacAddress& from) {
  ByteReader reader(packet);
  const std::uint8_t first = reader.u8();
  reader.skip(1);  // type of service
  const std::size_t total = reader.u16be();
  reader.skip(2);  // identification
  const std::uint16_t fragment = reader.u16be();
  reader.skip(1);  // time to live
  const std::uint8_t protocol = reader.u8();
  reader.skip(2);  // checksum
  const auto source = net::take<4>(reader);
  const auto destination = net::take<4>(reader);
  const std::size_t header = std::size_t{first & 15u} * 4;
  if (!reader.ok() || first >> 4 != 4) return {};
  if (header < ipv4_header_size || total < header || total > packet.size()) return {};
  Checksum sum;
  sum.add(packet.first(header));
  if (sum.value() != 0 || (fragment & more_fragments_or_offset) != 0) return {};
  if (destination != own_.ip || source == own_.ip || !is_host(source)) return {};

  // What lies behind the total length is padding of a short frame.
  const Packet whole{.mac = from, .ip = source, .payload = packet.first(total).subspan(header)};
  if (protocol == protocol::icmp) return take_icmp(whole);
  if (protocol == protocol::udp) return take_udp(whole);
  return {};
}

Responder::Event Responder::take_icmp(const Packet& packet) {
  ByteReader reader(packet.payload);
  const std::uint16_t type_and_code = reader.u16be();
  reader.skip(2);  // checksum
  const Bytes rest = reader.rest();
  reader.skip(4);  // identifier and sequence number
  Checksum sum;
  sum.add(packet.payload);
  if (!reader.ok() || type_and_code != echo_request || sum.value() != 0) return {};

  Checksum answer_sum;
  answer_sum.add(echo_reply);
  answer_sum.add(rest);
  ByteWriter writer = begin_ipv4(packet.mac, packet.ip, protocol::icmp, packet.payload.size());
  writer.u16be(echo_reply);
  writer.u16be(answer_sum.value());
  writer.bytes(rest);
  return to_send(finish(writer));
}

Responder::Event Responder::take_udp(const Packet& packet) {
  ByteReader reader(packet.payload);
  const std::uint16_t source = reader.u16be();
  const std::uint16_t destination = reader.u16be();
  const std::size_t size = reader.u16be();
  const std::uint16_t checksum = reader.u16be();
  // Port 0 says that no answer is expected (RFC 768): nobody who asks us something sends that.
  if (!reader.ok() || destination != own_.port || source == 0) return {};
  if (size != packet.payload.size() || checksum == 0) return {};
  Checksum sum = udp_pseudo_header(packet.ip, own_.ip, size);
  sum.add(packet.payload);
  if (sum.value() != 0) return {};
  peer_ = {.mac = packet.mac, .ip = packet.ip, .port = source};
  return {Event::Kind::datagram, reader.rest()};
}

Bytes Responder::answer(Bytes payload) {
  if (peer_.port == 0 || payload.size() > max_payload_size) return {};
  const std::size_t size = udp_header_size + payload.size();
  Checksum sum = udp_pseudo_header(own_.ip, peer_.ip, size);
  sum.add(own_.port);
  sum.add(peer_.port);
  sum.add(static_cast<std::uint16_t>(size));
  sum.add(payload);
  ByteWriter writer = begin_ipv4(peer_.mac, peer_.ip, protocol::udp, size);
  writer.u16be(own_.port);
  writer.u16be(peer_.port);
  writer.u16be(static_cast<std::uint16_t>(size));
  writer.u16be(sum.value() == 0 ? std::uint16_t{0xffff} : sum.value());  // 0 would say that there is none
  writer.bytes(payload);
  return finish(writer);
}

ByteWriter Responder::begin(const MacAddress& to, std::uint16_t type) const {
  ByteWriter writer(out_);
  writer.bytes(bytes(to));
  writer.bytes(bytes(own_.mac));
  writer.u16be(type);
  return writer;
}

ByteWriter Responder::begin_ipv4(const MacAddress& to, const Ipv4Address& ip, std::uint8_t protocol,
                                 std::size_t payload_size) const {
  const auto total = static_cast<std::uint16_t>(ipv4_header_size + payload_size);
  const auto life_and_protocol = static_cast<std::uint16_t>(time_to_live << 8 | protocol);
  Checksum sum;
  sum.add(std::uint16_t{version_and_size << 8});
  sum.add(total);
  sum.add(dont_fragment);
  sum.add(life_and_protocol);
  sum.add(bytes(own_.ip));
  sum.add(bytes(ip));

  ByteWriter writer = begin(to, ethertype::ipv4);
  writer.u16be(version_and_size << 8);  // and no type of service
  writer.u16be(total);
  writer.u16be(0);  // identification
  writer.u16be(dont_fragment);
  writer.u16be(life_and_protocol);
  writer.u16be(sum.value());
  writer.bytes(bytes(own_.ip));
  writer.bytes(bytes(ip));
  return writer;
}

Bytes Responder::finish(ByteWriter& frame) {
  if (frame.size() < min_frame_size) frame.fill(std::byte{0}, min_frame_size - frame.size());
  return frame.ok() ? frame.written() : Bytes{};
}

}  // namespace lockstep::net
