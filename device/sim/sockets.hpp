// Sockets of the simulator, non-blocking. ErrorKind: io, conflict (in use), invalid (a path that is too long).
#pragma once

#include <cstdint>
#include <string>

#include "host/base/error.hpp"

namespace lockstep::sim {

struct UnixListener {
  int file = -1;
  std::string path{};  // absolute
};
// Replaces the socket of a simulator that was killed, and nothing else.
Outcome<UnixListener> listen_unix(const std::string& path);

struct UdpSocket {
  int file;
  std::uint16_t port;
};
// On 127.0.0.1 only, because SMP knows no authentication. Port 0: any free one.
Outcome<UdpSocket> bind_udp(std::uint16_t port);

}  // namespace lockstep::sim
