// The messages of USB/IP, big endian: how a USB device is shown to another machine over a byte stream.
// Specification: Linux kernel documentation, "USB/IP protocol" (usb/usbip_protocol), version 0x0111.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "host/base/buffer.hpp"
#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/usb/setup.hpp"

namespace lockstep::usbip {

enum class Errc : std::uint8_t {
  none,
  need_more,    // the message is not whole yet
  bad_version,  // another version of the protocol
  bad_command,  // a message that there is not, or that a server does not get
  bad_length,   // a data stage longer than max_transfer_size, or isochronous packets
};
std::string_view text(Errc e);

inline constexpr std::uint16_t version = 0x0111;
inline constexpr std::uint16_t tcp_port = 3240;
inline constexpr std::size_t max_transfer_size = 0xffff;  // a control transfer can say no more

enum class Op : std::uint16_t {
  request_import = 0x8003,
  reply_import = 0x0003,
  request_list = 0x8005,
  reply_list = 0x0005,
};

// What a client asks before it has a device.
struct OpRequest {
  static constexpr std::size_t header_size = 8;
  static constexpr std::size_t bus_id_size = 32;
  Op op = Op::request_list;
  std::string bus_id{};  // import only

  std::size_t size() const { return header_size + (op == Op::request_import ? bus_id_size : 0); }
  Buffer encode() const;
  // From the front of `bytes`. Errc: need_more, bad_version, bad_command.
  static Result<OpRequest, Errc> decode(Bytes bytes);
  friend bool operator==(const OpRequest&, const OpRequest&) = default;
};

enum class Speed : std::uint32_t { low = 1, full = 2, high = 3 };

struct InterfaceRecord {
  std::uint8_t interface_class = 0, subclass = 0, protocol = 0;
  friend bool operator==(const InterfaceRecord&, const InterfaceRecord&) = default;
};

// One exported device.
struct DeviceRecord {
  static constexpr std::size_t path_size = 256;
  static constexpr std::size_t size = 312;  // without interfaces
  std::string path{};
  std::string bus_id{};
  std::uint32_t bus = 1;
  std::uint32_t device = 2;
  Speed speed = Speed::full;
  std::uint16_t vendor = 0, product = 0, version = 0;
  std::uint8_t device_class = 0, subclass = 0, protocol = 0;
  std::uint8_t configuration = 0, configurations = 1;
  std::vector<InterfaceRecord> interfaces{};

  // Names the device in commands.
  std::uint32_t id() const { return bus << 16 | device; }
  friend bool operator==(const DeviceRecord&, const DeviceRecord&) = default;
};

Buffer encode_list_reply(const std::vector<DeviceRecord>& devices);
// `device` null: refused.
Buffer encode_import_reply(const DeviceRecord* device);
// The records of the replies; what a client reads. Errc: need_more, bad_version, bad_command.
Result<std::vector<DeviceRecord>, Errc> decode_list_reply(Bytes bytes);
// No device: refused.
Result<std::vector<DeviceRecord>, Errc> decode_import_reply(Bytes bytes);

// A client that has a device submits transfers, and may take them back.
enum class Kind : std::uint32_t { submit = 1, unlink = 2, submit_reply = 3, unlink_reply = 4 };

struct Command {
  static constexpr std::size_t header_size = 48;
  Kind kind = Kind::submit;  // submit or unlink
  std::uint32_t sequence = 0;
  std::uint32_t device = 0;  // DeviceRecord::id()
  usb::Direction direction = usb::Direction::out;
  std::uint32_t endpoint = 0;
  // submit
  std::uint32_t flags = 0;
  std::uint32_t length = 0;  // of the data stage
  usb::Setup setup{};
  Buffer data{};  // out: `length` bytes
  // unlink
  std::uint32_t unlinked = 0;  // the sequence of a submit

  std::size_t size() const { return header_size + data.size(); }
  Buffer encode() const;
  // From the front of `bytes`. Errc: need_more, bad_command, bad_length.
  static Result<Command, Errc> decode(Bytes bytes);
  friend bool operator==(const Command&, const Command&) = default;
};

struct Reply {
  static constexpr std::size_t header_size = 48;
  static constexpr std::int32_t stalled = -32;   // EPIPE of Linux, whatever the system
  static constexpr std::int32_t unlinked = -104;  // ECONNRESET
  Kind kind = Kind::submit_reply;  // submit_reply or unlink_reply
  std::uint32_t sequence = 0;
  std::int32_t status = 0;
  std::uint32_t length = 0;  // bytes that were transferred
  Buffer data{};             // of an in transfer

  std::size_t size() const { return header_size + data.size(); }
  Buffer encode() const;
  // From the front of `bytes`; `direction` is the submit's, as the reply does not say it. Errc: need_more, bad_command,
  // bad_length.
  static Result<Reply, Errc> decode(Bytes bytes, usb::Direction direction);
  friend bool operator==(const Reply&, const Reply&) = default;
};

}  // namespace lockstep::usbip
