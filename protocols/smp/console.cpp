#include "protocols/smp/console.hpp"

#include <algorithm>

#include "protocols/core/crc.hpp"

namespace lockstep::smp {
namespace {

constexpr std::byte first_line[]{std::byte{0x06}, std::byte{0x09}};
constexpr std::byte further_line[]{std::byte{0x04}, std::byte{0x14}};
constexpr std::byte newline{'\n'}, carriage_return{'\r'}, padding{'='};
constexpr std::size_t length_size = 2, crc_size = 2;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// The value of a base64 character (RFC 4648 section 4), or -1.
constexpr int sextet(std::byte b) {
  const int c = std::to_integer<int>(b);
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

constexpr bool starts_marker(std::byte b) { return b == first_line[0] || b == further_line[0]; }

// The packet behind the base64, without a copy of the message: length, message, checksum.
class Packet {
 public:
  explicit Packet(Bytes message) : message_(message) {
    ByteWriter(front_).u16be(static_cast<std::uint16_t>(message.size() + crc_size));
    ByteWriter(back_).u16be(crc16_xmodem(message));
  }
  std::size_t size() const { return length_size + message_.size() + crc_size; }
  std::uint32_t at(std::size_t i) const {
    if (i < length_size) return std::to_integer<std::uint32_t>(front_[i]);
    i -= length_size;
    if (i < message_.size()) return std::to_integer<std::uint32_t>(message_[i]);
    i -= message_.size();
    return i < crc_size ? std::to_integer<std::uint32_t>(back_[i]) : 0;
  }

 private:
  Bytes message_;
  std::array<std::byte, length_size> front_{};
  std::array<std::byte, crc_size> back_{};
};

// Bytes [begin, end) of the packet as base64.
void put_base64(ByteWriter& out, const Packet& packet, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; i += 3) {
    const bool second = i + 1 < end, third = i + 2 < end;
    const std::uint32_t bits =
        packet.at(i) << 16 | (second ? packet.at(i + 1) << 8 : 0) | (third ? packet.at(i + 2) : 0);
    const char four[]{alphabet[bits >> 18], alphabet[bits >> 12 & 63], second ? alphabet[bits >> 6 & 63] : '=',
                      third ? alphabet[bits & 63] : '='};
    out.text({four, 4});
  }
}

}  // namespace

Result<Bytes, Errc> encode_console(Bytes message, MutableBytes out) {
  if (message.size() + crc_size > 0xffff) return Fail(Errc::too_long);
  ByteWriter w(out);
  const Packet packet(message);
  for (std::size_t at = 0; at < packet.size(); at += console_line_payload) {
    w.bytes(at == 0 ? first_line : further_line);
    put_base64(w, packet, at, std::min(packet.size(), at + console_line_payload));
    w.bytes({&newline, 1});
  }
  if (!w.ok()) return Fail(Errc::too_long);
  return w.written();
}

void ConsoleDecoder::reset() { *this = ConsoleDecoder(buffer_); }

ConsoleDecoder::Event ConsoleDecoder::feed(std::byte b) {
  switch (state_) {
    case State::text: return on_text(b);
    case State::marker: return on_marker(b);
    case State::payload: return on_payload(b);
    case State::ignored: return on_ignored(b);
  }
  return {};
}

ConsoleDecoder::Event ConsoleDecoder::log(std::size_t count) {
  return {.kind = Kind::log, .bytes = Bytes(log_).first(count)};
}

ConsoleDecoder::Event ConsoleDecoder::drop(Errc e, State next) {
  in_frame_ = false;
  state_ = next;
  return {.kind = Kind::dropped, .error = e};
}

ConsoleDecoder::Event ConsoleDecoder::on_text(std::byte b) {
  if (starts_marker(b)) {
    marker_ = b;
    state_ = State::marker;
    return {};
  }
  state_ = State::text;
  log_[0] = b;
  return log(1);
}

ConsoleDecoder::Event ConsoleDecoder::on_marker(std::byte b) {
  const auto& wanted = marker_ == first_line[0] ? first_line : further_line;
  if (b == wanted[1]) return begin_line();
  log_ = {marker_, b};
  if (starts_marker(b)) {  // the byte before was text, and this one may still begin a line
    marker_ = b;
    return log(1);
  }
  state_ = State::text;
  return log(2);
}

ConsoleDecoder::Event ConsoleDecoder::begin_line() {
  bits_ = characters_ = padding_ = 0;
  const bool first = marker_ == first_line[0];
  const bool cut = first && in_frame_;  // the frame before never ended
  if (first) {
    in_frame_ = true;
    packet_ = length_ = 0;
  }
  state_ = in_frame_ ? State::payload : State::ignored;
  if (cut) return {.kind = Kind::dropped, .error = Errc::bad_encoding};
  return {};
}

ConsoleDecoder::Event ConsoleDecoder::on_payload(std::byte b) {
  if (b == newline) return end_line();
  if (b == carriage_return) return {};
  if (b == padding || sextet(b) >= 0) {
    const Errc e = take_character(b);
    if (e != Errc::none) return drop(e, State::ignored);
    return {};
  }
  // Something else wrote into the line: the frame is lost, but what was written is not.
  Event dropped = drop(Errc::bad_encoding, State::text);
  dropped.bytes = on_text(b).bytes;
  return dropped;
}

ConsoleDecoder::Event ConsoleDecoder::on_ignored(std::byte b) {
  if (b == newline) {
    state_ = State::text;
    return {};
  }
  if (b == carriage_return || b == padding || sextet(b) >= 0) return {};
  return on_text(b);
}

Errc ConsoleDecoder::take_character(std::byte b) {
  const bool pad = b == padding;
  if (!pad && padding_ > 0) return Errc::bad_encoding;  // only the end of a line is padded
  bits_ = bits_ << 6 | (pad ? 0u : static_cast<std::uint32_t>(sextet(b)));
  padding_ = static_cast<std::uint8_t>(padding_ + (pad ? 1 : 0));
  if (++characters_ < 4) return Errc::none;
  if (padding_ > 2) return Errc::bad_encoding;
  const std::uint32_t bits = bits_;
  bits_ = characters_ = 0;
  Errc e = put(static_cast<std::uint8_t>(bits >> 16));
  if (e == Errc::none && padding_ < 2) e = put(static_cast<std::uint8_t>(bits >> 8));
  if (e == Errc::none && padding_ < 1) e = put(static_cast<std::uint8_t>(bits));
  return e;
}

Errc ConsoleDecoder::put(std::uint8_t value) {
  const std::size_t at = packet_++;
  if (at < length_size) {
    length_ = length_ << 8 | value;
    if (at + 1 < length_size) return Errc::none;
    return length_ < crc_size ? Errc::bad_encoding : length_ > buffer_.size() ? Errc::too_long : Errc::none;
  }
  if (at - length_size >= length_) return Errc::bad_encoding;  // more bytes than announced
  buffer_[at - length_size] = std::byte{value};
  return Errc::none;
}

ConsoleDecoder::Event ConsoleDecoder::end_line() {
  if (characters_ != 0) return drop(Errc::bad_encoding, State::text);
  state_ = State::text;
  if (packet_ < length_size || packet_ - length_size < length_) return {};
  return finish();
}

ConsoleDecoder::Event ConsoleDecoder::finish() {
  const Bytes message = Bytes(buffer_).first(length_ - crc_size);
  ByteReader crc(Bytes(buffer_).subspan(message.size(), crc_size));
  if (crc16_xmodem(message) != crc.u16be()) return drop(Errc::bad_crc, State::text);
  in_frame_ = false;
  return {.kind = Kind::message, .bytes = message};
}

}  // namespace lockstep::smp
