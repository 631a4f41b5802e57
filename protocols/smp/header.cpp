#include "protocols/smp/header.hpp"

namespace lockstep::smp {

Header reply_to(const Header& request) {
  Header reply = request;
  reply.op = request.op == Op::read ? Op::read_reply : Op::write_reply;
  reply.flags = 0;
  reply.length = 0;
  return reply;
}

bool answers(const Header& reply, const Header& request) {
  return reply.op == reply_to(request).op && reply.group == request.group && reply.command == request.command &&
         reply.sequence == request.sequence;
}

std::array<std::byte, header_size> encode(const Header& h) {
  std::array<std::byte, header_size> bytes{};
  ByteWriter w(bytes);
  w.u8(static_cast<std::uint8_t>(static_cast<unsigned>(h.version) << 3 | static_cast<unsigned>(h.op)));
  w.u8(h.flags);
  w.u16be(h.length);
  w.u16be(h.group);
  w.u8(h.sequence);
  w.u8(h.command);
  return bytes;
}

Result<Header, Errc> decode_header(Bytes bytes) {
  ByteReader r(bytes);
  const std::uint8_t first = r.u8();
  Header h{.flags = r.u8(), .length = r.u16be(), .group = r.u16be(), .sequence = r.u8(), .command = r.u8()};
  if (!r.ok()) return Fail(Errc::bad_length);
  const unsigned op = first & 7u, version = first >> 3 & 3u, reserved = first >> 5;
  if (op > 3 || version > 1 || reserved != 0) return Fail(Errc::bad_header);
  h.op = static_cast<Op>(op);
  h.version = static_cast<Version>(version);
  return h;
}

Result<Message, Errc> decode_message(Bytes message) {
  LOCKSTEP_TRY(header, decode_header(message));
  const Bytes body = message.subspan(header_size);
  if (body.size() != header.length) return Fail(Errc::bad_length);
  return Message{.header = header, .body = body};
}

}  // namespace lockstep::smp
