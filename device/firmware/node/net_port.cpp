#include "device/firmware/node/net_port.hpp"

#include "device/qemu/console.hpp"
#include "device/qemu/firmware_vectors.hpp"
#include "protocols/core/crc.hpp"

// The controller's first register as the processor sees it: the linker knows the board (lockstep_board_image in
// device/qemu/CMakeLists.txt).
extern "C" std::byte lockstep_ethernet[];

namespace lockstep::firmware {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

net::Endpoint endpoint(const agent::Identity& own) {
  // Boards of one kind differ by their serial numbers.
  const std::uint32_t number = crc32(as_bytes(own.serial), crc32(as_bytes(own.board)));
  return {.mac = net::local_mac(number), .ip = own_address, .port = smp_port};
}

}  // namespace

NetPort::NetPort(Node& node, Agent& agent)
    : node_(&node), agent_(&agent), nic_(reinterpret_cast<std::uint32_t>(lockstep_ethernet)), responder_({}, sent_) {}

void NetPort::start() {
  board::use_firmware_vectors();
  responder_ = net::Responder(endpoint(node_->identity()), sent_);
  works_ = nic_.start(responder_.own().mac);
  if (!works_) return board::console::line("net: no Ethernet controller");
  log_link();
}

void NetPort::poll() {
  const net::Responder::Event event = responder_.take(nic_.receive(received_));
  switch (event.kind) {
    case net::Responder::Event::Kind::nothing: return;
    case net::Responder::Event::Kind::frame: nic_.send(event.bytes); return;
    case net::Responder::Event::Kind::datagram: break;
  }
  const Bytes answer = agent_->answer(event.bytes, net::max_payload_size);
  if (answer.empty()) return;
  if (const Bytes frame = responder_.answer(answer); !frame.empty()) nic_.send(frame);
}

void NetPort::check() {
  if (!works_) return;
  const bool was_up = nic_.has_link();
  if (nic_.check_link() != was_up) log_link();
  const board::Lan9118::Losses& lost = nic_.losses();
  if (lost.sum() == losses_told_) return;
  losses_told_ = lost.sum();
  board::console::line("net: lost frames: ", lost.damaged, " damaged, ", lost.overrun, " without room, ", lost.unsent,
                       " unsent; restarts: ", lost.restarts);
}

void NetPort::log_link() const {
  if (!nic_.has_link()) return board::console::line("net: no link");
  using namespace board::console;
  const net::Endpoint& own = responder_.own();
  put("net: link, smp+udp://");
  for (std::size_t i = 0; i < own.ip.size(); ++i) {
    if (i > 0) put(".");
    put(own.ip[i]);
  }
  put(":");
  put(own.port);
  put(" mac=");
  for (std::size_t i = 0; i < own.mac.size(); ++i) {
    if (i > 0) put(":");
    put(hex_digits.substr(own.mac[i] >> 4, 1));
    put(hex_digits.substr(own.mac[i] & 15u, 1));
  }
  end_line();
}

}  // namespace lockstep::firmware
