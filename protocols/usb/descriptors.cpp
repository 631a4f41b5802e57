#include "protocols/usb/descriptors.hpp"

#include <algorithm>

namespace lockstep::usb {
namespace {

// Length and type as T has them, then T's fields behind them.
template <class T>
Result<ByteReader, Errc> fields_of(Bytes one, std::uint8_t type) {
  if (one.size() < T::size) return Fail(Errc::bad_descriptor);
  ByteReader r(one);
  if (r.u8() < T::size || r.u8() != type) return Fail(Errc::bad_descriptor);
  return r;
}

void begin(ByteWriter& w, std::size_t length, std::uint8_t type) {
  w.u8(static_cast<std::uint8_t>(length));
  w.u8(type);
}

}  // namespace

void DeviceDescriptor::encode(ByteWriter& w) const {
  begin(w, size, descriptor::device);
  w.u16le(usb);
  w.u8(device_class);
  w.u8(device_subclass);
  w.u8(device_protocol);
  w.u8(max_packet_0);
  w.u16le(vendor);
  w.u16le(product);
  w.u16le(device);
  w.u8(manufacturer_string);
  w.u8(product_string);
  w.u8(serial_string);
  w.u8(configurations);
}

Result<DeviceDescriptor, Errc> DeviceDescriptor::decode(Bytes one) {
  LOCKSTEP_TRY(r, fields_of<DeviceDescriptor>(one, descriptor::device));
  return DeviceDescriptor{.usb = r.u16le(),
                          .device_class = r.u8(),
                          .device_subclass = r.u8(),
                          .device_protocol = r.u8(),
                          .max_packet_0 = r.u8(),
                          .vendor = r.u16le(),
                          .product = r.u16le(),
                          .device = r.u16le(),
                          .manufacturer_string = r.u8(),
                          .product_string = r.u8(),
                          .serial_string = r.u8(),
                          .configurations = r.u8()};
}

void ConfigurationDescriptor::encode(ByteWriter& w) const {
  begin(w, size, descriptor::configuration);
  w.u16le(total_length);
  w.u8(interfaces);
  w.u8(value);
  w.u8(string);
  w.u8(attributes);
  w.u8(max_power_2ma);
}

Result<ConfigurationDescriptor, Errc> ConfigurationDescriptor::decode(Bytes one) {
  LOCKSTEP_TRY(r, fields_of<ConfigurationDescriptor>(one, descriptor::configuration));
  return ConfigurationDescriptor{.total_length = r.u16le(),
                                 .interfaces = r.u8(),
                                 .value = r.u8(),
                                 .string = r.u8(),
                                 .attributes = r.u8(),
                                 .max_power_2ma = r.u8()};
}

void InterfaceDescriptor::encode(ByteWriter& w) const {
  begin(w, size, descriptor::interface);
  w.u8(number);
  w.u8(alternate);
  w.u8(endpoints);
  w.u8(interface_class);
  w.u8(interface_subclass);
  w.u8(interface_protocol);
  w.u8(string);
}

Result<InterfaceDescriptor, Errc> InterfaceDescriptor::decode(Bytes one) {
  LOCKSTEP_TRY(r, fields_of<InterfaceDescriptor>(one, descriptor::interface));
  return InterfaceDescriptor{.number = r.u8(),
                             .alternate = r.u8(),
                             .endpoints = r.u8(),
                             .interface_class = r.u8(),
                             .interface_subclass = r.u8(),
                             .interface_protocol = r.u8(),
                             .string = r.u8()};
}

void encode_languages(ByteWriter& w, std::uint16_t language) {
  begin(w, 4, descriptor::string);
  w.u16le(language);
}

void encode_string(ByteWriter& w, std::string_view ascii) {
  ascii = {ascii.data(), std::min(ascii.size(), (max_string_size - 2) / 2)};  // substr() could throw
  begin(w, 2 + 2 * ascii.size(), descriptor::string);
  for (const char c : ascii) w.u16le(c >= ' ' && c <= '~' ? static_cast<std::uint8_t>(c) : '?');
}

Result<std::optional<DescriptorCursor::Item>, Errc> DescriptorCursor::next() {
  if (rest_.empty()) return std::optional<Item>();
  const std::size_t length = std::to_integer<std::size_t>(rest_[0]);
  if (length < 2 || length > rest_.size()) return Fail(Errc::bad_descriptor);
  const Item item{.type = std::to_integer<std::uint8_t>(rest_[1]), .bytes = rest_.first(length)};
  rest_ = rest_.subspan(length);
  return std::optional(item);
}

}  // namespace lockstep::usb
