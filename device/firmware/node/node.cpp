#include "device/firmware/node/node.hpp"

#include "device/firmware/thermostat.hpp"
#include "device/qemu/clock.hpp"
#include "device/qemu/console.hpp"
#include "device/qemu/watchdog.hpp"

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

void Node::before_erase() { board::watchdog::kick(); }

void Port::feed(std::byte received) {
  const smp::ConsoleDecoder::Event event = decoder_.feed(received);
  if (event.kind != smp::ConsoleDecoder::Kind::message) return;
  const Bytes answer = server_.handle(event.bytes);
  if (answer.empty()) return;
  if (const auto frame = smp::encode_console(answer, frame_)) board::console::send_frame(*frame);
}

}  // namespace lockstep::firmware
