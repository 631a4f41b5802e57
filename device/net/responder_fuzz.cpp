// Any frames, as they are and with their checksums made right: never a crash, what is answered is a frame that the
// asker accepts, and nothing but a whole datagram is handed over.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "device/net/checksum.hpp"
#include "device/net/responder.hpp"

using namespace lockstep;
using namespace lockstep::net;

namespace {

using Kind = Responder::Event::Kind;
const Endpoint device{.mac = {0x02, 0x4c, 0x01, 0x02, 0x03, 0x04}, .ip = {10, 0, 2, 15}, .port = 1337};

void must(bool condition) {
  if (!condition) std::abort();
}

void put(std::vector<std::byte>& frame, std::size_t at, std::uint16_t value) {
  frame[at] = static_cast<std::byte>(value >> 8);
  frame[at + 1] = static_cast<std::byte>(value);
}

std::uint16_t get(Bytes frame, std::size_t at) { return ByteReader(frame.subspan(at)).u16be(); }

// Makes the checksums right where the lengths let it, which no fuzzer finds by itself.
void mend(std::vector<std::byte>& frame) {
  if (frame.size() < 42) return;
  const std::size_t header = (std::to_integer<std::size_t>(frame[14]) & 15) * 4, behind = 14 + header;
  if (header < 20 || behind + 8 > frame.size()) return;
  put(frame, 24, 0);
  Checksum ip;
  ip.add(Bytes(frame).subspan(14, header));
  put(frame, 24, ip.value());
  const std::size_t end = std::min<std::size_t>(frame.size(), std::size_t{14} + get(frame, 16));
  if (end < behind + 8) return;
  const bool udp = frame[23] == std::byte{17};
  const std::size_t at = behind + (udp ? 6 : 2);
  put(frame, at, 0);
  Checksum sum;
  if (udp) {
    sum.add(Bytes(frame).subspan(26, 8));
    sum.add(std::uint16_t{17});
    sum.add(get(frame, behind + 4));
  }
  sum.add(Bytes(frame).subspan(behind, end - behind));
  put(frame, at, sum.value());
}

Bytes mac_at(Bytes frame, std::size_t at) { return frame.subspan(at, 6); }

void check_answer(Bytes frame, Bytes asked) {
  must(frame.size() >= min_frame_size && frame.size() <= max_frame_size);
  must(std::ranges::equal(mac_at(frame, 6), std::as_bytes(std::span(device.mac))));
  if (get(frame, 12) == 0x0806) return must(std::ranges::equal(frame.subspan(32, 6), asked.subspan(22, 6)));
  must(std::ranges::equal(mac_at(frame, 0), mac_at(asked, 6)));
  must(std::ranges::equal(frame.subspan(30, 4), asked.subspan(26, 4)));
  Checksum ip;
  ip.add(frame.subspan(14, 20));
  must(ip.value() == 0);
}

// Whoever sent the datagram takes the answer by the same rules.
void check_datagram(Responder& responder, Bytes payload, Bytes asked) {
  must(payload.size() + 42 <= asked.size());
  const Bytes frame = responder.answer(payload);
  must(frame.empty() == (payload.size() > max_payload_size));
  if (frame.empty()) return;
  check_answer(frame, asked);
  const std::size_t behind = 14 + (std::to_integer<std::size_t>(asked[14]) & 15) * 4;
  Endpoint asker{.port = get(asked, behind)};
  for (std::size_t i = 0; i < 6; ++i) asker.mac[i] = std::to_integer<std::uint8_t>(asked[6 + i]);
  for (std::size_t i = 0; i < 4; ++i) asker.ip[i] = std::to_integer<std::uint8_t>(asked[26 + i]);
  std::array<std::byte, max_frame_size> out{};
  const auto event = Responder(asker, out).take(frame);
  must(event.kind == Kind::datagram && std::ranges::equal(event.bytes, payload));
}

void take(const std::vector<std::byte>& frame) {
  std::vector<std::byte> out(max_frame_size);
  Responder responder(device, out);
  const auto event = responder.take(frame);
  if (event.kind == Kind::frame) check_answer(event.bytes, frame);
  if (event.kind == Kind::datagram) check_datagram(responder, event.bytes, frame);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  std::vector<std::byte> frame(input.begin(), input.end());
  frame.shrink_to_fit();
  take(frame);
  mend(frame);
  take(frame);
  return 0;
}
