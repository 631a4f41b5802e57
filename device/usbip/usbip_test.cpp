#include <doctest/doctest.h>

#include "device/usbip/server.hpp"
#include "protocols/cbor/test_bytes.hpp"
#include "protocols/usb/descriptors.hpp"

using namespace lockstep;
using namespace lockstep::usbip;

namespace {

// The example at the end of the kernel's protocol description, captured from a real device.
const std::string human_data =
    "ffffffff860008a784ce5ae2123763000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000";
const auto submit_in = unhex(
    "00000001 00000d05 0001000f 00000001 00000001 00000200 00000040 ffffffff 00000000 00000004 00000000 00000000");
const auto submit_out = unhex(
    "00000001 00000d06 0001000f 00000000 00000001 00000000 00000040 ffffffff 00000000 00000004 00000000 00000000" +
    human_data);
const auto reply_out = unhex(
    "00000003 00000d06 00000000 00000000 00000000 00000000 00000040 ffffffff 00000000 00000000 00000000 00000000");

// What `usbip list` of Linux 6.1 sends, and the import as the specification has it.
const auto ask_list = unhex("0111 8005 00000000");
const auto ask_import = unhex("0111 8003 00000000 312d31" + std::string(58, '0'));

// A device with one vendor request that gives its arguments back.
class EchoDevice final : public Device {
 public:
  bool is_attached() override { return attached; }
  usb::Answer control(const usb::Setup& setup, Bytes data) override {
    ++transfers;
    last.assign(data.begin(), data.end());
    answer_.assign(64, std::byte{0});
    ByteWriter w(answer_);
    if (setup.request == 0xee) return {.stalled = true};
    switch (setup.value >> 8) {
      case usb::descriptor::device: usb::DeviceDescriptor{.vendor = 0x1209, .product = 1}.encode(w); break;
      case usb::descriptor::configuration:
        usb::ConfigurationDescriptor{.total_length = 18}.encode(w);
        usb::InterfaceDescriptor{.interface_class = 0xfe, .interface_subclass = 1, .interface_protocol = 2}.encode(w);
        break;
      default: break;
    }
    return {.data = w.written().first(std::min<std::size_t>(w.size(), setup.length))};
  }
  void on_bus_reset() override { ++resets; }

  bool attached = true;
  int resets = 0;
  int transfers = 0;
  Buffer last;

 private:
  Buffer answer_;
};

struct Bench {
  // The bytes that come back.
  Buffer send(Bytes bytes) {
    Buffer out;
    alive = server.feed(bytes, out);
    return out;
  }
  void import() {
    REQUIRE(decode_import_reply(send(ask_import))->size() == 1);
    REQUIRE(server.is_imported());
  }
  Reply submit(const usb::Setup& setup, const Buffer& data = {}) {
    const Command command{.sequence = ++sequence, .device = 0x10002, .direction = setup.direction(),
                          .length = setup.length, .setup = setup, .data = data};
    const Buffer out = send(command.encode());
    const auto reply = Reply::decode(out, setup.direction());
    REQUIRE(reply);
    CHECK(reply->sequence == sequence);
    CHECK(reply->size() == out.size());
    return *reply;
  }
  EchoDevice device;
  Server server{device};
  bool alive = true;
  std::uint32_t sequence = 0;
};

constexpr usb::Setup device_descriptor{.request_type = 0x80, .request = 6, .value = 0x100, .length = 18};

template <class Decode>
void check_truncations(Bytes whole, Decode decode) {
  for (std::size_t n = 0; n < whole.size(); ++n) {
    CAPTURE(n);
    const auto cut = decode(exact(whole, n));
    REQUIRE_FALSE(cut);
    CHECK(cut.error() == Errc::need_more);
  }
}

}  // namespace

TEST_CASE("commands captured from a real device are read") {
  const auto in = Command::decode(submit_in);
  REQUIRE(in);
  CHECK(in->sequence == 0xd05);
  CHECK(in->device == 0x1000f);
  CHECK(in->direction == usb::Direction::in);
  CHECK(in->endpoint == 1);
  CHECK(in->flags == 0x200);
  CHECK(in->length == 64);
  CHECK(in->size() == submit_in.size());
  const auto out = Command::decode(submit_out);
  REQUIRE(out);
  CHECK(hex(out->data) == human_data);
  CHECK(out->size() == submit_out.size());
  const auto reply = Reply::decode(reply_out, usb::Direction::out);
  REQUIRE(reply);
  CHECK(*reply == Reply{.sequence = 0xd06, .length = 64});
  check_truncations(submit_in, Command::decode);
  check_truncations(submit_out, Command::decode);
  check_truncations(reply_out, [](Bytes b) { return Reply::decode(b, usb::Direction::out); });
}

TEST_CASE("what a client asks before it has a device is read and written byte for byte") {
  CHECK(OpRequest::decode(ask_list)->op == Op::request_list);
  CHECK(OpRequest::decode(ask_import)->bus_id == "1-1");
  CHECK(hex(OpRequest{.op = Op::request_list}.encode()) == hex(ask_list));
  CHECK(hex(OpRequest{.op = Op::request_import, .bus_id = "1-1"}.encode()) == hex(ask_import));
  check_truncations(ask_list, OpRequest::decode);
  check_truncations(ask_import, OpRequest::decode);
  CHECK(OpRequest::decode(unhex("0106 8005 00000000")).error() == Errc::bad_version);
  CHECK(OpRequest::decode(unhex("0111 8001 00000000")).error() == Errc::bad_command);
}

TEST_CASE("messages are written as they are read") {
  const Command submit{.sequence = 1, .device = 0x10002, .direction = usb::Direction::out, .flags = 7, .length = 3,
                       .setup = {.request_type = 0x21, .request = 1, .value = 2, .length = 3}, .data = to_buffer("abc")};
  CHECK(*Command::decode(submit.encode()) == submit);
  const Command unlink{.kind = Kind::unlink, .sequence = 2, .device = 0x10002, .unlinked = 1};
  CHECK(*Command::decode(unlink.encode()) == unlink);
  check_truncations(unlink.encode(), Command::decode);
  const Reply reply{.sequence = 1, .status = Reply::stalled, .length = 3, .data = to_buffer("abc")};
  CHECK(*Reply::decode(reply.encode(), usb::Direction::in) == reply);
  check_truncations(reply.encode(), [](Bytes b) { return Reply::decode(b, usb::Direction::in); });
  const DeviceRecord device{.path = "/p", .bus_id = "1-1", .speed = Speed::high, .vendor = 1, .product = 2, .version = 3,
                            .interfaces = {{0xfe, 1, 2}, {2, 2, 1}}};
  CHECK(*decode_list_reply(encode_list_reply({device, device})) == std::vector{device, device});
  check_truncations(encode_list_reply({device}), decode_list_reply);
  CHECK(encode_import_reply(&device).size() == 0x140);  // as the specification says
  check_truncations(encode_import_reply(&device), decode_import_reply);
  CHECK(decode_import_reply(encode_import_reply(nullptr))->empty());
}

TEST_CASE("transfers that are longer than can be, isochronous ones and other messages are refused") {
  auto longer = submit_in;
  longer[25] = std::byte{1};  // 0x10040 bytes
  CHECK(Command::decode(longer).error() == Errc::bad_length);
  auto isochronous = submit_in;
  isochronous[35] = std::byte{8};
  CHECK(Command::decode(isochronous).error() == Errc::bad_length);
  CHECK(Command::decode(reply_out).error() == Errc::bad_command);
  CHECK(Reply::decode(submit_in, usb::Direction::in).error() == Errc::bad_command);
  auto huge = reply_out;
  huge[24] = std::byte{0x7f};
  CHECK(Reply::decode(huge, usb::Direction::in).error() == Errc::bad_length);
}

TEST_CASE("a client lists the device, imports it and asks it, in pieces of any size") {
  for (const std::size_t piece : {1u, 7u, 1000u}) {
    Bench b;
    Buffer wire(ask_list);
    wire.insert(wire.end(), ask_import.begin(), ask_import.end());
    const Buffer ask = Command{.sequence = 9, .device = 0x10002, .direction = usb::Direction::in, .length = 18,
                               .setup = device_descriptor}.encode();
    wire.insert(wire.end(), ask.begin(), ask.end());
    Buffer got;
    for (std::size_t at = 0; at < wire.size(); at += piece) {
      const Buffer out = b.send(Bytes(wire).subspan(at, std::min(piece, wire.size() - at)));
      got.insert(got.end(), out.begin(), out.end());
    }
    CHECK(b.alive);
    const auto list = decode_list_reply(got);
    REQUIRE(list);
    REQUIRE(list->size() == 1);
    CHECK((*list)[0].vendor == 0x1209);
    CHECK((*list)[0].interfaces == std::vector<InterfaceRecord>{{0xfe, 1, 2}});
    const Bytes behind = Bytes(got).subspan(12 + DeviceRecord::size + 4);
    CHECK(decode_import_reply(behind)->at(0).bus_id == "1-1");
    CHECK(b.device.resets == 1);
    const auto reply = Reply::decode(behind.subspan(0x140), usb::Direction::in);
    REQUIRE(reply);
    CHECK(reply->status == 0);
    CHECK(usb::DeviceDescriptor::decode(reply->data));
  }
}

TEST_CASE("nothing is listed or imported while the device is off the bus, nor by another name") {
  Bench b;
  b.device.attached = false;
  CHECK(decode_list_reply(b.send(ask_list))->empty());
  CHECK(decode_import_reply(b.send(ask_import))->empty());
  CHECK_FALSE(b.server.is_imported());
  b.device.attached = true;
  CHECK(decode_import_reply(b.send(OpRequest{.op = Op::request_import, .bus_id = "1-2"}.encode()))->empty());
  CHECK(b.device.resets == 0);
}

TEST_CASE("a stall, an endpoint that there is not and contradictions are answered, and the client stays") {
  Bench b;
  b.import();
  CHECK(b.submit({.request_type = 0x40, .request = 0xee}).status == Reply::stalled);
  const int before = b.device.transfers;
  for (const Command& bad : {
           Command{.device = 0x10002, .direction = usb::Direction::in, .endpoint = 1, .length = 8},
           Command{.device = 0x10003, .direction = usb::Direction::in, .length = 18, .setup = device_descriptor},
           Command{.device = 0x10002, .direction = usb::Direction::in, .length = 17, .setup = device_descriptor},
           Command{.device = 0x10002, .length = 18, .setup = device_descriptor, .data = Buffer(18)},
       }) {
    CHECK(Reply::decode(b.send(bad.encode()), usb::Direction::out)->status == Reply::stalled);
  }
  CHECK(b.device.transfers == before);
  CHECK(b.submit(device_descriptor).status == 0);
  b.device.attached = false;
  CHECK(b.submit(device_descriptor).status == Reply::stalled);
}

TEST_CASE("an out transfer brings its data, and a port reset resets the bus") {
  Bench b;
  b.import();
  const Reply reply = b.submit({.request_type = 0x40, .request = 1, .length = 3}, to_buffer("abc"));
  CHECK(reply.status == 0);
  CHECK(reply.length == 3);
  CHECK(b.device.last == to_buffer("abc"));
  const int before = b.device.transfers;
  CHECK(b.submit({.request_type = 0x23, .request = 3, .value = 4}).status == 0);
  CHECK(b.device.resets == 2);
  CHECK(b.device.transfers == before);
}

TEST_CASE("a transfer is over before it can be taken back") {
  Bench b;
  b.import();
  const auto reply = Reply::decode(
      b.send(Command{.kind = Kind::unlink, .sequence = 5, .device = 0x10002, .unlinked = 4}.encode()), usb::Direction::out);
  REQUIRE(reply);
  CHECK(reply->kind == Kind::unlink_reply);
  CHECK(reply->sequence == 5);
  CHECK(reply->status == 0);
}

TEST_CASE("who breaks the protocol is hung up on, and the next client is served") {
  Bench b;
  (void)b.send(unhex("0106 8005 00000000"));
  CHECK_FALSE(b.alive);
  b.server.reset();
  b.import();
  (void)b.send(Buffer(48, std::byte{0x55}));
  CHECK_FALSE(b.alive);
  b.server.reset();
  b.import();
  CHECK(b.alive);
}
