#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "device/sim/endpoint.hpp"
#include "host/base/buffer.hpp"

namespace lockstep::sim {
namespace {

Fail<Error> os_error(const std::string& what, ErrorKind kind = ErrorKind::io) {
  return fail(kind, what + ": " + std::strerror(errno));
}

class UdpEndpoint final : public Endpoint {
 public:
  UdpEndpoint(int socket, std::uint16_t port, std::size_t message_limit)
      : socket_(socket), uri_("smp+udp://127.0.0.1:" + std::to_string(port)), packet_(message_limit + 1) {}
  UdpEndpoint(const UdpEndpoint&) = delete;
  UdpEndpoint& operator=(const UdpEndpoint&) = delete;
  ~UdpEndpoint() override { ::close(socket_); }

  void add_to(std::vector<pollfd>& polled) const override {
    polled.push_back({.fd = socket_, .events = POLLIN, .revents = 0});
  }

  void serve(const Handler& handler) override {
    while (true) {
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      const ssize_t n =
          ::recvfrom(socket_, packet_.data(), packet_.size(), 0, reinterpret_cast<sockaddr*>(&peer), &size);
      // An earlier answer to a client that has gone comes back as ECONNREFUSED; go on with the next packet.
      if (n < 0 && errno == ECONNREFUSED) continue;
      if (n < 0) return;
      if (static_cast<std::size_t>(n) == packet_.size()) continue;  // longer than the device's buffer
      const Bytes answer = handler(Bytes(packet_).first(static_cast<std::size_t>(n)));
      if (answer.empty()) continue;
      ::sendto(socket_, answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&peer), size);
    }
  }

  void log(const std::string&) override {}  // UDP carries messages only
  const std::string& uri() const override { return uri_; }

 private:
  int socket_;
  std::string uri_;
  Buffer packet_;
};

}  // namespace

Outcome<std::unique_ptr<Endpoint>> open_udp(std::uint16_t port, std::size_t message_limit) {
  const int udp = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (udp < 0) return os_error("cannot make a UDP socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(udp, reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    const ErrorKind kind = errno == EADDRINUSE ? ErrorKind::conflict : ErrorKind::io;
    const auto error = os_error("UDP port " + std::to_string(port), kind);
    ::close(udp);
    return error;
  }
  if (::getsockname(udp, reinterpret_cast<sockaddr*>(&address), &size) != 0) return os_error("cannot read the UDP port");
  return std::unique_ptr<Endpoint>(std::make_unique<UdpEndpoint>(udp, ntohs(address.sin_port), message_limit));
}

}  // namespace lockstep::sim
