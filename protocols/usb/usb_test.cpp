#include <doctest/doctest.h>

#include "protocols/cbor/test_bytes.hpp"
#include "protocols/usb/descriptors.hpp"
#include "protocols/usb/setup.hpp"

namespace lockstep::usb {
namespace {

// What Linux sends first to every new device, and what dfu-util asks a DFU interface.
const auto first_question = unhex("80 06 0001 0000 4000");
const auto dfu_get_status = unhex("a1 03 0000 0000 0600");

// A root hub of Linux 6.1 as /sys/bus/usb/devices/usb1/descriptors has it: device, configuration, interface, endpoint.
const auto root_hub = unhex(
    "12 01 0002 09 00 01 40 6b1d 0200 0106 03 02 01 01"
    "09 02 1900 01 01 00 e0 00"
    "09 04 00 00 01 09 00 00 00"
    "07 05 81 03 0400 0c");

template <class T>
std::vector<std::byte> encoded(const T& descriptor) {
  std::vector<std::byte> out(T::size);
  ByteWriter w(out);
  descriptor.encode(w);
  CHECK(w.ok());
  CHECK(w.room() == 0);
  return out;
}

TEST_CASE("a setup packet says direction, kind, recipient and what is asked") {
  const auto descriptor = Setup::decode(first_question);
  REQUIRE(descriptor);
  CHECK(descriptor->direction() == Direction::in);
  CHECK(descriptor->type() == RequestType::standard);
  CHECK(descriptor->recipient() == Recipient::device);
  CHECK(descriptor->request == request::get_descriptor);
  CHECK(descriptor->value == 0x0100);
  CHECK(descriptor->length == 64);

  const auto status = Setup::decode(dfu_get_status);
  REQUIRE(status);
  CHECK(status->type() == RequestType::class_specific);
  CHECK(status->recipient() == Recipient::interface);
  CHECK(status->request_type == make_request_type(Direction::in, RequestType::class_specific, Recipient::interface));
  CHECK(status->length == 6);
}

TEST_CASE("a setup packet is written as it was read, and has eight bytes") {
  CHECK(hex(Setup::decode(first_question)->encode()) == hex(first_question));
  for (std::size_t n = 0; n < Setup::size; ++n) {
    CHECK(Setup::decode(exact(first_question, n)).error() == Errc::bad_length);
  }
  CHECK(Setup::decode(unhex("80 06 0001 0000 4000 00")).error() == Errc::bad_length);
}

TEST_CASE("a real hub's descriptors are read and written back byte for byte") {
  DescriptorCursor cursor(root_hub);
  const auto device = DeviceDescriptor::decode((*cursor.next())->bytes);
  REQUIRE(device);
  CHECK(device->vendor == 0x1d6b);
  CHECK(device->product == 2);
  CHECK(device->device == 0x0601);
  CHECK(device->serial_string == 1);
  CHECK(hex(encoded(*device)) == hex(Bytes(root_hub).first(18)));

  const auto configuration = ConfigurationDescriptor::decode((*cursor.next())->bytes);
  REQUIRE(configuration);
  CHECK(configuration->total_length == 25);
  CHECK(configuration->attributes == 0xe0);
  CHECK(hex(encoded(*configuration)) == hex(Bytes(root_hub).subspan(18, 9)));

  const auto interface = InterfaceDescriptor::decode((*cursor.next())->bytes);
  REQUIRE(interface);
  CHECK(interface->interface_class == 9);
  CHECK(interface->endpoints == 1);
  CHECK(hex(encoded(*interface)) == hex(Bytes(root_hub).subspan(27, 9)));

  const auto endpoint = cursor.next();
  REQUIRE(endpoint);
  CHECK((*endpoint)->type == 5);
  CHECK((*endpoint)->bytes.size() == 7);
  CHECK_FALSE(cursor.next()->has_value());
}

TEST_CASE("descriptors that are cut anywhere are noticed") {
  for (std::size_t n = 1; n < root_hub.size(); ++n) {
    CAPTURE(n);
    const auto cut = exact(root_hub, n);
    DescriptorCursor cursor(cut);
    bool refused = false;
    std::size_t seen = 0;
    while (true) {
      const auto item = cursor.next();
      refused = !item;
      if (!item || !*item) break;
      seen += (*item)->bytes.size();
    }
    CHECK((refused || seen == n));  // a cut between two of them cannot be told here: total_length tells it
    CHECK(refused == (n != 18 && n != 27 && n != 36));
  }
  CHECK(DescriptorCursor(unhex("00")).next().error() == Errc::bad_descriptor);
  CHECK(DescriptorCursor(unhex("01 01")).next().error() == Errc::bad_descriptor);
}

TEST_CASE("a descriptor of another type, or a shorter one, is refused; a longer one is read") {
  const Bytes hub(root_hub);
  CHECK(DeviceDescriptor::decode(hub.subspan(18, 9)).error() == Errc::bad_descriptor);
  CHECK(ConfigurationDescriptor::decode(hub.subspan(27, 9)).error() == Errc::bad_descriptor);
  CHECK(InterfaceDescriptor::decode(hub.subspan(18, 9)).error() == Errc::bad_descriptor);
  for (std::size_t n = 0; n < DeviceDescriptor::size; ++n) {
    CHECK(DeviceDescriptor::decode(exact(root_hub, n)).error() == Errc::bad_descriptor);
  }
  const auto longer = unhex("0a 04 01 00 00 fe 01 02 04 00");
  REQUIRE(InterfaceDescriptor::decode(longer));
  CHECK(InterfaceDescriptor::decode(longer)->interface_protocol == 2);
}

TEST_CASE("strings are UTF-16, and what is not ASCII or too long is bent into shape") {
  std::vector<std::byte> out(max_string_size);
  ByteWriter w(out);
  encode_languages(w);
  CHECK(hex(w.written()) == "04030904");
  w = ByteWriter(out);
  encode_string(w, "SN-1");
  CHECK(hex(w.written()) == "0a0353004e002d003100");
  w = ByteWriter(out);
  encode_string(w, "\xc3\xa4");
  CHECK(hex(w.written()) == "06033f003f00");
  w = ByteWriter(out);
  encode_string(w, std::string(500, 'x'));
  REQUIRE(w.ok());
  CHECK(w.size() == max_string_size);
  CHECK(out[0] == std::byte{254});
}

TEST_CASE("a buffer that is too small by one byte spoils the writer") {
  std::vector<std::byte> out(DeviceDescriptor::size - 1);
  ByteWriter w(out);
  DeviceDescriptor{}.encode(w);
  CHECK_FALSE(w.ok());
}

}  // namespace
}  // namespace lockstep::usb
