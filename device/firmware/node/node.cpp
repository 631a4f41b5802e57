#include "device/firmware/node/node.hpp"

#include "device/firmware/thermostat.hpp"
#include "device/qemu/clock.hpp"
#include "device/qemu/console.hpp"
#include "device/qemu/watchdog.hpp"

namespace lockstep::firmware {
namespace {

// A reset leaves it as it is; only a power cut empties it.
[[gnu::section(".noinit")]] std::array<std::byte, 4096> log_memory;
agent::LogRing ring(log_memory);

}  // namespace
}  // namespace lockstep::firmware

// Everything that goes to the console, the last words of a watchdog or a fault too.
extern "C" void on_console(const char* text, std::size_t size) { lockstep::firmware::ring.put({text, size}); }

namespace lockstep::firmware {

agent::Identity Node::identity() {
  const board::IdentityPage& own = identity_.get();
  return {.board = own.board, .revision = own.revision, .serial = own.serial, .product = own.product};
}

agent::Health Node::health() {
  if (!has_identity_) return {.healthy = false, .detail = "no identity page"};
  if (!is_plausible(milli_c_)) return {.healthy = false, .detail = "temperature sensor reads nonsense"};
  return {.healthy = true, .detail = "temperature sensor and heater work"};
}

void Node::run_self_test() {
  const bool works = has_identity_ && is_plausible(milli_c_);
  self_test_ = works ? agent::SelfTest::passed : agent::SelfTest::failed;
}

std::uint64_t Node::uptime_ms() { return board::clock::uptime_ms(); }

agent::LogRing* Node::log_ring() { return &ring; }

void Node::before_erase() { board::watchdog::kick(); }

void Port::feed(std::byte received) {
  const smp::ConsoleDecoder::Event event = decoder_.feed(received);
  if (event.kind != smp::ConsoleDecoder::Kind::message) return;
  const Bytes answer = agent_->answer(event.bytes, message_size);
  if (answer.empty()) return;
  if (const auto frame = smp::encode_console(answer, frame_)) board::console::send_frame(*frame);
}

}  // namespace lockstep::firmware
