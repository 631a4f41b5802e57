#include "device/sim/sockets.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace lockstep::sim {
namespace {

Fail<Error> os_error(const std::string& what, ErrorKind kind = ErrorKind::io) {
  return fail(kind, what + ": " + std::strerror(errno));
}

// Removes the socket of a simulator that was killed. One that still listens is left alone.
Outcome<void> clear_stale(const std::string& path, const sockaddr_un& address) {
  std::error_code code;
  const auto status = std::filesystem::symlink_status(path, code);
  if (!std::filesystem::exists(status)) return {};
  if (!std::filesystem::is_socket(status)) return fail(ErrorKind::conflict, path + ": exists and is no socket");
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int result = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const bool is_stale = result != 0 && errno == ECONNREFUSED;
  ::close(probe);
  if (!is_stale) return fail(ErrorKind::conflict, path + ": another process listens there");
  std::filesystem::remove(path, code);
  return {};
}

}  // namespace

Outcome<UnixListener> listen_unix(const std::string& relative) {
  const std::string path = std::filesystem::absolute(relative).string();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorKind::invalid, path + ": longer than the 107 characters that a socket's path may have");
  }
  std::copy(path.begin(), path.end(), address.sun_path);
  LOCKSTEP_CHECK(clear_stale(path, address));
  const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return os_error("cannot make a socket");
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 8) != 0) {
    const auto error = os_error(path + ": cannot listen");
    ::close(listener);
    return error;
  }
  return UnixListener{.file = listener, .path = path};
}

Outcome<UdpSocket> bind_udp(std::uint16_t port) {
  const int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (udp < 0) return os_error("cannot make a UDP socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(udp, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(udp, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    const ErrorKind kind = errno == EADDRINUSE ? ErrorKind::conflict : ErrorKind::io;
    const auto error = os_error("UDP port " + std::to_string(port), kind);
    ::close(udp);
    return error;
  }
  return UdpSocket{udp, ntohs(address.sin_port)};
}

}  // namespace lockstep::sim
