// The agent behind UDP: a request in a datagram, the answer in another.
#pragma once

#include <array>

#include "device/firmware/node/node.hpp"
#include "device/net/responder.hpp"
#include "device/qemu/lan9118.hpp"

namespace lockstep::firmware {

// Where the board is reached. QEMU's user network gives its guest this address; a product asks DHCP or a setting.
inline constexpr net::Ipv4Address own_address{10, 0, 2, 15};
inline constexpr std::uint16_t smp_port = 1337;

class NetPort {
 public:
  NetPort(Node& node, Agent& agent);
  // After Node::load_identity(), from which the MAC address is made. A board without a network goes on without.
  void start();
  // Takes one frame, if one came, and answers it.
  void poll();
  // Once a second: looks whether the link is there, and puts changes and losses into the log.
  void check();
  // Whether poll() has something to do.
  bool has_input() const { return nic_.has_input(); }
  void on_interrupt() { nic_.on_interrupt(); }

 private:
  void log_link() const;

  static constexpr std::size_t frame_size = (net::max_frame_size + 3) / 4 * 4;

  Node* node_;
  Agent* agent_;
  board::Lan9118 nic_;
  alignas(4) std::array<std::byte, frame_size> received_{};
  std::array<std::byte, net::max_frame_size> sent_{};
  net::Responder responder_;
  std::uint32_t losses_told_ = 0;
  bool works_ = false;
};

}  // namespace lockstep::firmware
