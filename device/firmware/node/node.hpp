// What the firmware tells the agent, and the agent's way to the wire: SMP frames out of UART0's bytes. (The way to the
// network: net_port.hpp.)
#pragma once

#include <array>

#include "device/agent/platform.hpp"
#include "device/agent/server.hpp"
#include "device/crypto/crypto_mbedtls.hpp"
#include "device/qemu/pages/flash_map.hpp"
#include "device/qemu/provision.hpp"
#include "protocols/smp/console.hpp"

namespace lockstep::firmware {

inline constexpr std::uint32_t message_size = 2048;  // of the largest request and answer on UART0

class Node final : public agent::Platform {
 public:
  explicit Node(boot::Flash& flash) : agent::Platform(flash, board::flash_layout) {}
  // Reads who we are; texts are empty when the board was never told.
  void load_identity() { has_identity_ = bool(identity_.load(flash())); }
  void report_temperature(std::int32_t milli_c) { milli_c_ = milli_c; }
  bool reset_wanted() const { return reset_wanted_; }
  // Looks at what the firmware needs to do its work; before that the self-test counts as running.
  void run_self_test();
  void set_confirm_deadline(std::uint32_t ms) { confirm_deadline_ms_ = ms; }
  void set_limits(const agent::Limits& limits) { limits_ = limits; }

  agent::Identity identity() override;
  agent::Health health() override;
  agent::SelfTest self_test() override { return self_test_; }
  std::uint32_t confirm_deadline_ms() override { return confirm_deadline_ms_; }
  std::uint64_t uptime_ms() override;
  agent::LogRing* log_ring() override;
  agent::Limits limits() override { return limits_; }
  mcuboot::Crypto* crypto() override { return &crypto_; }
  void request_reset() override { reset_wanted_ = true; }
  void before_erase() override;

 private:
  board::OwnIdentity identity_;
  device::MbedtlsCrypto crypto_;
  agent::Limits limits_{};
  std::int32_t milli_c_ = 0;
  std::uint32_t confirm_deadline_ms_ = 0;
  agent::SelfTest self_test_ = agent::SelfTest::running;
  bool has_identity_ = false;
  bool reset_wanted_ = false;
};

// The agent, one behind all ways to it: an upload that began on one of them may end on another.
class Agent {
 public:
  explicit Agent(Node& node) : node_(&node), server_(node, reply_) {}
  // The answer, which lives until the next call; empty: none. `longest`: bytes of the longest message, request or answer,
  // on the way that the request came.
  Bytes answer(Bytes request, std::uint32_t longest) {
    node_->set_limits({.buffer_size = longest, .buffer_count = 1, .longest_answer = longest});
    return server_.handle(request);
  }
  // As agent::Server::tick().
  void tick() { server_.tick(); }
  agent::Settings& settings() { return server_.settings(); }

 private:
  std::array<std::byte, message_size> reply_{};
  Node* node_;
  agent::Server server_;
};

// The agent behind UART0. Feed it what the UART received.
class Port {
 public:
  explicit Port(Agent& agent) : agent_(&agent), decoder_(request_) {}
  // Answers at once when the byte completes a request; log bytes of the peer and broken frames are passed over.
  void feed(std::byte received);

 private:
  std::array<std::byte, message_size + smp::console_overhead> request_{};
  std::array<std::byte, smp::console_encoded_size(message_size)> frame_{};
  Agent* agent_;
  smp::ConsoleDecoder decoder_;
};

}  // namespace lockstep::firmware
