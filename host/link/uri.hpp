// Where a device is, as one line of text:
//
//   smp+serial:///dev/ttyACM0?baud=115200[&framing=console|raw]     a tty (also a pty)
//   smp+unix:///run/board0.sock[?framing=console|raw]               a stream socket, as QEMU gives a UART
//   smp+udp://10.0.0.7:1337  smp+udp://[fe80::1]:1337?interface=eth0  one packet is one message, port 1337 if
//   absent
//
// `framing` tells how messages are cut out of a byte stream: `console` (base64 lines, log lines between them,
// the default) or `raw` (the header's length alone). A link has no authentication: see host/link/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "host/base/error.hpp"

namespace lockstep::link {

enum class Transport : std::uint8_t { serial, unix_socket, udp };
enum class Framing : std::uint8_t {
  console,   // SMP over console: 0x06 0x09 lines among the device's log
  raw,       // SMP over UART without framing: header and body, found by length
  datagram,  // one packet is one message
};

struct LinkUri {
  Transport transport = Transport::serial;
  Framing framing = Framing::console;
  std::string path = {};        // serial, unix_socket: absolute path
  std::string host = {};        // udp: name, IPv4 or IPv6 address without brackets
  std::uint16_t port = 1337;    // udp
  std::string interface = {};   // udp: interface of a link-local IPv6 address, else empty
  std::uint32_t baud = 115200;  // serial: bits per second

  bool operator==(const LinkUri&) const = default;
};

// Reads a link URI. Unknown schemes, unknown or repeated parameters and missing parts are ErrorKind::invalid;
// the message names the part and lists what is understood.
Outcome<LinkUri> parse_link_uri(std::string_view text);

// The URI in its shortest form; parse_link_uri(to_string(u)) == u.
std::string to_string(const LinkUri& uri);

std::string_view name(Framing framing);

}  // namespace lockstep::link
