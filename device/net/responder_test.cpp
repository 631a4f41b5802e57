#include "device/net/responder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "device/net/checksum.hpp"
#include "protocols/cbor/test_bytes.hpp"

namespace lockstep::net {
namespace {

using Kind = Responder::Event::Kind;
using Frame = std::vector<std::byte>;

// The frames were made with scapy 2.5.0: a host 10.0.2.2 (52:55:0a:00:02:02) and us, 10.0.2.15 (02:4c:01:02:03:04).
const Endpoint device{.mac = {0x02, 0x4c, 0x01, 0x02, 0x03, 0x04}, .ip = {10, 0, 2, 15}, .port = 1337};

const auto who_has = unhex(
    "ffffffffffff 52550a000202 0806 0001 0800 0604 0001 52550a000202 0a000202 000000000000 0a00020f");
const auto is_at = unhex(
    "52550a000202 024c01020304 0806 0001 0800 0604 0002 024c01020304 0a00020f 52550a000202 0a000202"
    "000000000000000000000000000000000000");
const auto ping = unhex(
    "024c01020304 52550a000202 0800 4500 0025 1234 0000 3f01 5194 0a000202 0a00020f"
    "0800 2dc6 0077 0003 6c6f636b7374657021");
const auto pong = unhex(
    "52550a000202 024c01020304 0800 4500 0025 0000 4000 4001 22c8 0a00020f 0a000202"
    "0000 35c6 0077 0003 6c6f636b7374657021 000000000000000000");
// From port 40000, an SMP echo request of "hello".
const auto datagram = unhex(
    "024c01020304 52550a000202 0800 4500 002d 1235 0000 4011 507b 0a000202 0a00020f"
    "9c40 0539 0019 b88f 0200000900004200a1616465 68656c6c6f");
const auto message = unhex("0200000900004200a161646568656c6c6f");
const auto answer = unhex(
    "52550a000202 024c01020304 0800 4500 003f 0000 4000 4011 229e 0a00020f 0a000202"
    "0539 9c40 002b a2fa 6120666169726c79206c6f6e6720616e737765722c20736f206e6f2070616464696e67");

struct Net {
  // The frame in a block of exactly its size.
  Responder::Event take(Bytes frame) {
    frame_ = Frame(frame.begin(), frame.end());
    frame_.shrink_to_fit();
    return responder.take(frame_);
  }
  Frame out = Frame(max_frame_size);
  Responder responder{device, out};

 private:
  Frame frame_;
};

// What is done with a frame, as text.
std::string outcome(Bytes frame) {
  Net net;
  const auto event = net.take(frame);
  switch (event.kind) {
    case Kind::nothing: return "nothing";
    case Kind::frame: return "answered";
    case Kind::datagram: return "taken";
  }
  return "?";
}

constexpr std::size_t ethernet = 14, ipv4 = 20;
constexpr std::size_t ip_at = ethernet, udp_at = ethernet + ipv4;

void put16(Frame& frame, std::size_t at, unsigned value) {
  frame[at] = static_cast<std::byte>(value >> 8);
  frame[at + 1] = static_cast<std::byte>(value);
}

// Makes the checksums right again after a change, so that nothing but the change is refused.
Frame mended(Frame frame) {
  put16(frame, ip_at + 10, 0);
  Checksum header;
  header.add(Bytes(frame).subspan(ip_at, ipv4));
  put16(frame, ip_at + 10, header.value());
  put16(frame, udp_at + 6, 0);
  Checksum sum;
  sum.add(Bytes(frame).subspan(ip_at + 12, 8));
  sum.add(std::uint16_t{17});
  sum.add(Bytes(frame).subspan(udp_at + 4, 2));
  sum.add(Bytes(frame).subspan(udp_at));
  put16(frame, udp_at + 6, sum.value());
  return frame;
}

Frame with(Frame frame, std::size_t at, std::string_view bytes) {
  const auto changed = unhex(bytes);
  std::ranges::copy(changed, frame.begin() + static_cast<std::ptrdiff_t>(at));
  return frame;
}

TEST_CASE("whoever asks who has our address is told our MAC, and nobody else is") {
  Net net;
  const auto event = net.take(who_has);
  REQUIRE(event.kind == Kind::frame);
  CHECK(hex(event.bytes) == hex(is_at));
  // To our own MAC, as a host does that makes sure that we are still there.
  CHECK(outcome(with(who_has, 0, "024c01020304")) == "answered");
  CHECK(outcome(with(who_has, 28, "00000000")) == "answered");  // an address probe

  CHECK(outcome(with(who_has, 38, "0a000210")) == "nothing");      // who has 10.0.2.16?
  CHECK(outcome(with(who_has, 28, "0a00020f")) == "nothing");      // "I am 10.0.2.15"
  CHECK(outcome(with(who_has, 20, "0002")) == "nothing");          // a reply
  CHECK(outcome(with(who_has, 14, "0006")) == "nothing");          // not Ethernet
  CHECK(outcome(with(who_has, 16, "0801")) == "nothing");          // not IPv4
  CHECK(outcome(with(who_has, 18, "0806")) == "nothing");          // lengths
  CHECK(outcome(with(who_has, 22, "ffffffffffff")) == "nothing");  // an answer to all
  CHECK(outcome(with(who_has, 0, "024c01020305")) == "nothing");   // asked somebody else
}

TEST_CASE("a ping comes back with its own data, from us to the one who sent it") {
  Net net;
  const auto event = net.take(ping);
  REQUIRE(event.kind == Kind::frame);
  CHECK(hex(event.bytes) == hex(pong));
  CHECK(outcome(with(ping, 34, "0d00")) == "nothing");  // a timestamp request
  CHECK(outcome(with(ping, 36, "2dc7")) == "nothing");  // its checksum is wrong
  CHECK(outcome(with(ping, 42, "4c")) == "nothing");    // its data is
}

TEST_CASE("a datagram for our port is handed over, and the answer goes where it came from") {
  Net net;
  const auto event = net.take(datagram);
  REQUIRE(event.kind == Kind::datagram);
  CHECK(hex(event.bytes) == hex(message));
  CHECK(hex(net.responder.answer(as_bytes("a fairly long answer, so no padding"))) == hex(answer));
  const Bytes shorter = net.responder.answer(as_bytes("ok"));
  CHECK(hex(shorter) ==
        "52550a000202024c0102030408004500001e00004000401122bf0a00020f0a000202"
        "05399c40000ad6e46f6b00000000000000000000000000000000");
  // A frame that is no datagram does not change whom an answer goes to.
  CHECK(net.take(with(ping, 6, "52550a000203")).kind == Kind::frame);
  CHECK(hex(net.responder.answer(as_bytes("ok")).first(6)) == "52550a000202");
}

TEST_CASE("a checksum that comes out as zero is sent as ones, because zero says that there is none") {
  Net net;
  REQUIRE(net.take(datagram).kind == Kind::datagram);
  CHECK(hex(net.responder.answer(unhex("4650"))).find("0539" "9c40" "000a" "ffff" "4650") != std::string::npos);
}

TEST_CASE("before a datagram came there is nobody to answer") {
  Net net;
  CHECK(net.responder.answer(as_bytes("hello?")).empty());
  CHECK(net.take(ping).kind == Kind::frame);
  CHECK(net.responder.answer(as_bytes("hello?")).empty());
}

TEST_CASE("every truncation of a frame is passed over, the whole one is not") {
  for (const Frame& frame : {who_has, ping, datagram}) {
    CHECK(outcome(frame) != "nothing");
    for (std::size_t n = 0; n < frame.size(); ++n) {
      CAPTURE(n);
      CHECK(outcome(exact(frame, n)) == "nothing");
    }
  }
}

TEST_CASE("one wrong bit anywhere behind the Ethernet header of a datagram refuses it") {
  for (std::size_t bit = ip_at * 8; bit < datagram.size() * 8; ++bit) {
    CAPTURE(bit);
    Frame frame = datagram;
    frame[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    CHECK(outcome(frame) == "nothing");
  }
}

TEST_CASE("the padding of a short frame is no part of its packet") {
  Frame padded = mended(exact(with(with(datagram, ip_at, "4500 001d"), udp_at + 4, "0009"), udp_at + 9));
  padded.resize(min_frame_size, std::byte{0x5a});
  Net net;
  const auto event = net.take(padded);
  REQUIRE(event.kind == Kind::datagram);
  CHECK(hex(event.bytes) == "02");
  Frame long_ping = ping;
  long_ping.resize(100, std::byte{0x5a});
  CHECK(hex(net.take(long_ping).bytes) == hex(pong));
}

TEST_CASE("lengths that contradict each other are refused") {
  const auto total = [](std::string_view hex16) { return outcome(mended(with(datagram, ip_at + 2, hex16))); };
  CHECK(total("002d") == "taken");
  CHECK(total("002e") == "nothing");  // more than the frame holds
  CHECK(total("ffff") == "nothing");
  CHECK(total("002c") == "nothing");  // less than the UDP length says
  CHECK(total("001b") == "nothing");  // no whole UDP header
  CHECK(total("0013") == "nothing");  // no whole IP header
  CHECK(total("0000") == "nothing");
  const auto udp = [](std::string_view hex16) { return outcome(mended(with(datagram, udp_at + 4, hex16))); };
  CHECK(udp("0019") == "taken");
  CHECK(udp("001a") == "nothing");
  CHECK(udp("0018") == "nothing");
  CHECK(udp("0007") == "nothing");
  CHECK(udp("0000") == "nothing");
  CHECK(udp("ffff") == "nothing");
  CHECK(outcome(mended(with(datagram, ip_at, "44"))) == "nothing");  // header of 16 bytes
  CHECK(outcome(mended(with(datagram, ip_at, "4f"))) == "nothing");  // of 60: there are none
  CHECK(outcome(mended(with(datagram, ip_at, "65"))) == "nothing");  // IPv6
}

TEST_CASE("options are passed over, and a datagram at the end of its life is taken") {
  // Time to live 1; three no-operations and the end of the options.
  Net net;
  const auto event = net.take(unhex(
      "024c01020304 52550a000202 0800 4600 0031 1235 0000 0111 8c76 0a000202 0a00020f 01010100"
      "9c40 0539 0019 b88f 0200000900004200a161646568656c6c6f"));
  REQUIRE(event.kind == Kind::datagram);
  CHECK(hex(event.bytes) == hex(message));
}

TEST_CASE("fragments are refused, the first and the last") {
  CHECK(outcome(mended(with(datagram, ip_at + 6, "2000"))) == "nothing");
  CHECK(outcome(mended(with(datagram, ip_at + 6, "0003"))) == "nothing");
  CHECK(outcome(mended(with(datagram, ip_at + 6, "4000"))) == "taken");  // only says that it may not be fragmented
}

TEST_CASE("what is not sent to us alone by a host that can be answered is passed over") {
  CHECK(outcome(with(datagram, 0, "024c01020305")) == "nothing");
  CHECK(outcome(with(datagram, 0, "ffffffffffff")) == "nothing");
  CHECK(outcome(with(datagram, 6, "ffffffffffff")) == "nothing");
  CHECK(outcome(with(datagram, 6, "01005e000001")) == "nothing");
  CHECK(outcome(with(datagram, 12, "86dd")) == "nothing");  // IPv6
  CHECK(outcome(with(datagram, 12, "8100")) == "nothing");  // a VLAN's tag
  CHECK(outcome(with(datagram, 12, "002d")) == "nothing");  // a length: IEEE 802.3
  for (const auto* to : {"0a000210", "0a0002ff", "ffffffff", "e0000001", "00000000", "7f000001"}) {
    CAPTURE(to);
    CHECK(outcome(mended(with(datagram, ip_at + 16, to))) == "nothing");
  }
  for (const auto* from : {"0a00020f", "00000000", "7f000001", "e0000001", "ffffffff"}) {
    CAPTURE(from);
    CHECK(outcome(mended(with(datagram, ip_at + 12, from))) == "nothing");
  }
  CHECK(outcome(mended(with(datagram, ip_at + 9, "06"))) == "nothing");    // TCP
  CHECK(outcome(mended(with(datagram, udp_at + 2, "0538"))) == "nothing");  // another port
  CHECK(outcome(mended(with(datagram, udp_at, "0000"))) == "nothing");      // from no port
  CHECK(outcome(with(datagram, udp_at + 6, "0000")) == "nothing");          // without a checksum
}

TEST_CASE("an answer that does not fit a packet or the buffer is not given, the longest one is") {
  Net net;
  REQUIRE(net.take(datagram).kind == Kind::datagram);
  const Frame payload(max_payload_size + 1, std::byte{7});
  CHECK(net.responder.answer(payload).empty());
  const Bytes longest = net.responder.answer(Bytes(payload).first(max_payload_size));
  CHECK(longest.size() == max_frame_size);

  Frame small(min_frame_size - 1);
  Responder cramped(device, small);
  CHECK(cramped.take(who_has).kind == Kind::nothing);
  CHECK(cramped.take(ping).kind == Kind::nothing);
  REQUIRE(cramped.take(datagram).kind == Kind::datagram);
  CHECK(cramped.answer(as_bytes("x")).empty());
}

TEST_CASE("devices with different numbers have different addresses, unicast ones that nobody was assigned") {
  CHECK(local_mac(1) != local_mac(2));
  CHECK(local_mac(0x01020304) == device.mac);
  CHECK((local_mac(~0u)[0] & 3) == 2);
}

}  // namespace
}  // namespace lockstep::net
