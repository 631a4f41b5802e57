#include "device/usbip/protocol.hpp"

#include <algorithm>

namespace lockstep::usbip {
namespace {

constexpr std::uint32_t no_packets = 0xffffffff;  // "not isochronous"; old clients say 0

Buffer encoded(std::size_t size, auto&& write) {
  Buffer out(size);
  ByteWriter w(out);
  write(w);
  return out;
}

// A field of fixed size, filled up with zeros; the last byte stays one.
void write_text(ByteWriter& w, std::string_view text, std::size_t size) {
  const std::size_t n = std::min(text.size(), size - 1);
  w.text(text.substr(0, n));
  w.fill(std::byte{0}, size - n);
}

std::string read_text(ByteReader& r, std::size_t size) {
  const std::string_view all = as_text(r.take(size)).substr(0, size - 1);
  return std::string(all.substr(0, all.find('\0')));
}

void write_header(ByteWriter& w, Op op, std::uint32_t status) {
  w.u16be(version);
  w.u16be(static_cast<std::uint16_t>(op));
  w.u32be(status);
}

void write_record(ByteWriter& w, const DeviceRecord& d) {
  write_text(w, d.path, DeviceRecord::path_size);
  write_text(w, d.bus_id, OpRequest::bus_id_size);
  w.u32be(d.bus);
  w.u32be(d.device);
  w.u32be(static_cast<std::uint32_t>(d.speed));
  w.u16be(d.vendor);
  w.u16be(d.product);
  w.u16be(d.version);
  w.u8(d.device_class);
  w.u8(d.subclass);
  w.u8(d.protocol);
  w.u8(d.configuration);
  w.u8(d.configurations);
  w.u8(static_cast<std::uint8_t>(d.interfaces.size()));
}

DeviceRecord read_record(ByteReader& r) {
  DeviceRecord d;
  d.path = read_text(r, DeviceRecord::path_size);
  d.bus_id = read_text(r, OpRequest::bus_id_size);
  d.bus = r.u32be();
  d.device = r.u32be();
  d.speed = static_cast<Speed>(r.u32be());
  d.vendor = r.u16be();
  d.product = r.u16be();
  d.version = r.u16be();
  d.device_class = r.u8();
  d.subclass = r.u8();
  d.protocol = r.u8();
  d.configuration = r.u8();
  d.configurations = r.u8();
  d.interfaces.resize(r.u8());
  return d;
}

// The status of a reply.
Result<std::uint32_t, Errc> read_reply_header(ByteReader& r, Op op) {
  const std::uint16_t its_version = r.u16be(), code = r.u16be();
  const std::uint32_t status = r.u32be();
  if (!r.ok()) return Fail(Errc::need_more);
  if (its_version != version) return Fail(Errc::bad_version);
  if (code != static_cast<std::uint16_t>(op)) return Fail(Errc::bad_command);
  return status;
}

}  // namespace

std::string_view text(Errc e) {
  switch (e) {
    case Errc::none: return "no error";
    case Errc::need_more: return "the message is not whole yet";
    case Errc::bad_version: return "another version of USB/IP";
    case Errc::bad_command: return "no message for this side";
    case Errc::bad_length: return "a longer transfer than there can be";
  }
  return "unknown error";
}

Buffer OpRequest::encode() const {
  return encoded(size(), [this](ByteWriter& w) {
    write_header(w, op, 0);
    if (op == Op::request_import) write_text(w, bus_id, bus_id_size);
  });
}

Result<OpRequest, Errc> OpRequest::decode(Bytes bytes) {
  ByteReader r(bytes);
  const std::uint16_t its_version = r.u16be();
  OpRequest request{.op = static_cast<Op>(r.u16be())};
  r.skip(4);  // the status says nothing in a request
  if (!r.ok()) return Fail(Errc::need_more);
  if (its_version != version) return Fail(Errc::bad_version);
  if (request.op != Op::request_import && request.op != Op::request_list) return Fail(Errc::bad_command);
  if (request.op == Op::request_import) request.bus_id = read_text(r, bus_id_size);
  if (!r.ok()) return Fail(Errc::need_more);
  return request;
}

Buffer encode_list_reply(const std::vector<DeviceRecord>& devices) {
  std::size_t size = OpRequest::header_size + 4;
  for (const DeviceRecord& d : devices) size += DeviceRecord::size + 4 * d.interfaces.size();
  return encoded(size, [&devices](ByteWriter& w) {
    write_header(w, Op::reply_list, 0);
    w.u32be(static_cast<std::uint32_t>(devices.size()));
    for (const DeviceRecord& d : devices) {
      write_record(w, d);
      for (const InterfaceRecord& i : d.interfaces) {
        w.u8(i.interface_class);
        w.u8(i.subclass);
        w.u8(i.protocol);
        w.u8(0);
      }
    }
  });
}

Buffer encode_import_reply(const DeviceRecord* device) {
  const std::size_t size = OpRequest::header_size + (device != nullptr ? DeviceRecord::size : 0);
  return encoded(size, [device](ByteWriter& w) {
    write_header(w, Op::reply_import, device != nullptr ? 0 : 1);
    if (device != nullptr) write_record(w, *device);
  });
}

Result<std::vector<DeviceRecord>, Errc> decode_list_reply(Bytes bytes) {
  ByteReader r(bytes);
  LOCKSTEP_TRY(status, read_reply_header(r, Op::reply_list));
  std::vector<DeviceRecord> devices;
  if (status != 0) return devices;
  for (std::uint32_t left = r.u32be(); left > 0 && r.ok(); --left) {
    DeviceRecord& d = devices.emplace_back(read_record(r));
    for (InterfaceRecord& i : d.interfaces) {
      i = {.interface_class = r.u8(), .subclass = r.u8(), .protocol = r.u8()};
      r.skip(1);
    }
  }
  if (!r.ok()) return Fail(Errc::need_more);
  return devices;
}

Result<std::vector<DeviceRecord>, Errc> decode_import_reply(Bytes bytes) {
  ByteReader r(bytes);
  LOCKSTEP_TRY(status, read_reply_header(r, Op::reply_import));
  std::vector<DeviceRecord> devices;
  if (status != 0) return devices;
  devices.push_back(read_record(r));
  if (!r.ok()) return Fail(Errc::need_more);
  return devices;
}

Buffer Command::encode() const {
  return encoded(size(), [this](ByteWriter& w) {
    w.u32be(static_cast<std::uint32_t>(kind));
    w.u32be(sequence);
    w.u32be(device);
    w.u32be(static_cast<std::uint32_t>(direction));
    w.u32be(endpoint);
    if (kind == Kind::unlink) {
      w.u32be(unlinked);
      w.fill(std::byte{0}, 24);
      return;
    }
    w.u32be(flags);
    w.u32be(length);
    w.u32be(0);
    w.u32be(no_packets);
    w.u32be(0);
    w.bytes(setup.encode());
    w.bytes(data);
  });
}

Result<Command, Errc> Command::decode(Bytes bytes) {
  ByteReader r(bytes);
  Command c{.kind = static_cast<Kind>(r.u32be()), .sequence = r.u32be(), .device = r.u32be()};
  c.direction = r.u32be() == 0 ? usb::Direction::out : usb::Direction::in;
  c.endpoint = r.u32be();
  ByteReader body(r.take(header_size - 20));
  if (!r.ok()) return Fail(Errc::need_more);
  if (c.kind == Kind::unlink) {
    c.unlinked = body.u32be();
    return c;
  }
  if (c.kind != Kind::submit) return Fail(Errc::bad_command);
  c.flags = body.u32be();
  c.length = body.u32be();
  body.skip(4);  // start frame
  const std::uint32_t packets = body.u32be();
  body.skip(4);  // interval
  c.setup = *usb::Setup::decode(body.take(usb::Setup::size));
  if (c.length > max_transfer_size || (packets != 0 && packets != no_packets)) return Fail(Errc::bad_length);
  if (c.direction == usb::Direction::out) {
    const Bytes data = r.take(c.length);
    if (!r.ok()) return Fail(Errc::need_more);
    c.data.assign(data.begin(), data.end());
  }
  return c;
}

Buffer Reply::encode() const {
  return encoded(size(), [this](ByteWriter& w) {
    w.u32be(static_cast<std::uint32_t>(kind));
    w.u32be(sequence);
    w.fill(std::byte{0}, 12);  // device, direction, endpoint: a client knows them by the sequence
    w.u32be(static_cast<std::uint32_t>(status));
    if (kind == Kind::unlink_reply) {
      w.fill(std::byte{0}, 24);
      return;
    }
    w.u32be(length);
    w.u32be(0);
    w.u32be(no_packets);
    w.fill(std::byte{0}, 12);
    w.bytes(data);
  });
}

Result<Reply, Errc> Reply::decode(Bytes bytes, usb::Direction direction) {
  ByteReader r(bytes);
  Reply reply{.kind = static_cast<Kind>(r.u32be()), .sequence = r.u32be()};
  r.skip(12);
  reply.status = static_cast<std::int32_t>(r.u32be());
  ByteReader body(r.take(24));
  if (!r.ok()) return Fail(Errc::need_more);
  if (reply.kind == Kind::unlink_reply) return reply;
  if (reply.kind != Kind::submit_reply) return Fail(Errc::bad_command);
  reply.length = body.u32be();
  if (reply.length > max_transfer_size) return Fail(Errc::bad_length);
  if (direction == usb::Direction::in) {
    const Bytes data = r.take(reply.length);
    if (!r.ok()) return Fail(Errc::need_more);
    reply.data.assign(data.begin(), data.end());
  }
  return reply;
}

}  // namespace lockstep::usbip
