#include "device/qemu/received.hpp"

#include <array>

#include "device/qemu/board.hpp"

namespace lockstep::board::received {
namespace {

// Room for two requests of the largest size in base64. The interrupt alone writes `head`, the main loop alone `tail`;
// what finds no room is lost, as on any UART without flow control, and the sender repeats its request.
constexpr std::uint32_t capacity = 8192;
std::array<std::byte, capacity> ring;
volatile std::uint32_t head = 0;
volatile std::uint32_t tail = 0;

}  // namespace

void start() {
  uart0.start_receiving();
  write32(scs::nvic_enable, 1u << uart0_rx_irq);
}

bool is_empty() { return head == tail; }

bool take(std::byte& received) {
  const std::uint32_t at = tail;
  if (at == head) return false;
  received = ring[at % capacity];
  tail = at + 1;
  return true;
}

}  // namespace lockstep::board::received

extern "C" void on_uart0_receive() {
  using namespace lockstep::board;
  std::byte b{};
  while (uart0.take(b)) {
    const std::uint32_t at = received::head;
    if (at - received::tail == received::capacity) continue;
    received::ring[at % received::capacity] = b;
    received::head = at + 1;
  }
}
