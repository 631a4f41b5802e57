#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "device/sim/fleet_wire.hpp"
#include "device/sim/flip_bit.hpp"
#include "device/sim/sockets.hpp"
#include "host/base/buffer.hpp"

namespace lockstep::sim {
namespace {

FleetWire::Peer peer_of(const sockaddr_in& address) {
  return FleetWire::Peer{address.sin_addr.s_addr} << 16 | address.sin_port;
}

sockaddr_in address_of(FleetWire::Peer peer) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_addr.s_addr = static_cast<in_addr_t>(peer >> 16);
  out.sin_port = static_cast<in_port_t>(peer & 0xffff);
  return out;
}

// One for all devices: a packet is handled before the next one is read.
Buffer& packet_buffer() {
  static Buffer buffer(65536);
  return buffer;
}

class FleetUdp final : public FleetWire {
 public:
  FleetUdp(UdpSocket socket, std::size_t message_limit, Watch watch)
      : socket_(socket.file), uri_("smp+udp://127.0.0.1:" + std::to_string(socket.port)), limit_(message_limit), watch_(watch) {}
  FleetUdp(const FleetUdp&) = delete;
  FleetUdp& operator=(const FleetUdp&) = delete;
  ~FleetUdp() override { ::close(socket_); }

  Outcome<void> wake() override {
    if (awake_) return {};
    awake_ = true;
    receive({});  // what came while the radio was off
    epoll_event event{.events = EPOLLIN, .data = {.u64 = watch_.tag}};
    if (::epoll_ctl(watch_.epoll, EPOLL_CTL_ADD, socket_, &event) != 0) return fail(ErrorKind::io, "cannot watch a UDP socket");
    return {};
  }
  void sleep() override {
    if (!awake_) return;
    awake_ = false;
    ::epoll_ctl(watch_.epoll, EPOLL_CTL_DEL, socket_, nullptr);
  }
  void serve(const Handler& handler) override {
    if (awake_) receive(handler);
  }
  void send(Bytes message, Peer to, std::optional<std::uint64_t> wrong_bit) override {
    if (!awake_) return;
    const sockaddr_in peer = address_of(to);
    Buffer spoiled;
    if (wrong_bit) {
      spoiled.assign(message.begin(), message.end());
      flip_bit(spoiled, *wrong_bit);
      message = spoiled;
    }
    ::sendto(socket_, message.data(), message.size(), 0, reinterpret_cast<const sockaddr*>(&peer), sizeof peer);
  }
  void log(const std::string&) override {}  // UDP carries messages only
  bool is_checked() const override { return false; }
  const std::string& uri() const override { return uri_; }

 private:
  // Takes all packets; without a handler they are lost.
  void receive(const Handler& handler) {
    Buffer& packet = packet_buffer();
    while (true) {
      sockaddr_in peer{};
      socklen_t size = sizeof peer;
      const ssize_t n = ::recvfrom(socket_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&peer), &size);
      // An earlier answer to a client that has gone comes back as ECONNREFUSED; go on with the next packet.
      if (n < 0 && errno == ECONNREFUSED) continue;
      if (n < 0) return;
      if (handler && static_cast<std::size_t>(n) <= limit_) handler(Bytes(packet).first(static_cast<std::size_t>(n)), peer_of(peer));
    }
  }

  int socket_;
  std::string uri_;
  std::size_t limit_;
  Watch watch_;
  bool awake_ = false;
};

}  // namespace

Outcome<std::unique_ptr<FleetWire>> open_fleet_udp(std::uint16_t port, std::size_t message_limit, Watch watch) {
  LOCKSTEP_TRY(socket, bind_udp(port));
  return std::unique_ptr<FleetWire>(std::make_unique<FleetUdp>(socket, message_limit, watch));
}

}  // namespace lockstep::sim
