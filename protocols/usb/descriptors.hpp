// What a device says about itself: standard descriptors, little endian, each with its length and type in front.
// Specification: Universal Serial Bus Specification, revision 2.0, section 9.6.
//
// encode() appends to a writer whose sticky error tells at the end whether all of it fitted; decode() takes one
// descriptor as DescriptorCursor hands it out and looks at the fields that its type has; a longer one is taken, as the
// specification demands of hosts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/usb/errc.hpp"

namespace lockstep::usb {

// bDescriptorType (table 9-5); a class adds its own.
namespace descriptor {
inline constexpr std::uint8_t device = 1;
inline constexpr std::uint8_t configuration = 2;
inline constexpr std::uint8_t string = 3;
inline constexpr std::uint8_t interface = 4;
}  // namespace descriptor

inline constexpr std::uint16_t language_us_english = 0x0409;

struct DeviceDescriptor {
  static constexpr std::size_t size = 18;
  std::uint16_t usb = 0x0200;  // bcdUSB
  std::uint8_t device_class = 0;  // 0: each interface says its own
  std::uint8_t device_subclass = 0;
  std::uint8_t device_protocol = 0;
  std::uint8_t max_packet_0 = 64;  // bytes of a packet on endpoint 0
  std::uint16_t vendor = 0;
  std::uint16_t product = 0;
  std::uint16_t device = 0;  // bcdDevice
  std::uint8_t manufacturer_string = 0;  // indices of strings; 0: none
  std::uint8_t product_string = 0;
  std::uint8_t serial_string = 0;
  std::uint8_t configurations = 1;

  void encode(ByteWriter& w) const;
  static Result<DeviceDescriptor, Errc> decode(Bytes one);  // Errc: bad_descriptor
  friend bool operator==(const DeviceDescriptor&, const DeviceDescriptor&) = default;
};

// The head of a configuration; interfaces and class descriptors follow it, and total_length counts them.
struct ConfigurationDescriptor {
  static constexpr std::size_t size = 9;
  std::uint16_t total_length = size;
  std::uint8_t interfaces = 1;
  std::uint8_t value = 1;  // for SET_CONFIGURATION
  std::uint8_t string = 0;
  std::uint8_t attributes = 0x80;  // bit 7 always set, 6 self-powered, 5 wakes its host
  std::uint8_t max_power_2ma = 50;  // in units of 2 mA

  void encode(ByteWriter& w) const;
  static Result<ConfigurationDescriptor, Errc> decode(Bytes one);  // Errc: bad_descriptor
  friend bool operator==(const ConfigurationDescriptor&, const ConfigurationDescriptor&) = default;
};

struct InterfaceDescriptor {
  static constexpr std::size_t size = 9;
  std::uint8_t number = 0;
  std::uint8_t alternate = 0;
  std::uint8_t endpoints = 0;  // beside endpoint 0
  std::uint8_t interface_class = 0;
  std::uint8_t interface_subclass = 0;
  std::uint8_t interface_protocol = 0;
  std::uint8_t string = 0;

  void encode(ByteWriter& w) const;
  static Result<InterfaceDescriptor, Errc> decode(Bytes one);  // Errc: bad_descriptor
  friend bool operator==(const InterfaceDescriptor&, const InterfaceDescriptor&) = default;
};

// String 0: the one language there is.
void encode_languages(ByteWriter& w, std::uint16_t language = language_us_english);
// A string of ASCII as UTF-16; any other byte becomes '?'. One that is too long for the length field is cut at 126
// characters.
void encode_string(ByteWriter& w, std::string_view ascii);
inline constexpr std::size_t max_string_size = 2 + 2 * 126;

// Walks descriptors that lie one behind the other, as in a configuration.
class DescriptorCursor {
 public:
  struct Item {
    std::uint8_t type = 0;
    Bytes bytes{};  // the whole descriptor, length and type included; a view into the input
  };

  explicit DescriptorCursor(Bytes descriptors) : rest_(descriptors) {}
  // The next one; nothing at the end. Errc: bad_descriptor, one is shorter than two bytes or longer than what is there.
  Result<std::optional<Item>, Errc> next();

 private:
  Bytes rest_;
};

}  // namespace lockstep::usb
