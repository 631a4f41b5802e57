#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "device/sim/endpoint.hpp"
#include "device/sim/sockets.hpp"
#include "host/base/buffer.hpp"

namespace lockstep::sim {
namespace {

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
  LOCKSTEP_TRY(udp, bind_udp(port));
  return std::unique_ptr<Endpoint>(std::make_unique<UdpEndpoint>(udp.file, udp.port, message_limit));
}

}  // namespace lockstep::sim
