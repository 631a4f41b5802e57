#include "device/qemu/uart.hpp"

#include "device/qemu/registers.hpp"

namespace lockstep::board {
namespace {

constexpr std::uint32_t data = 0x00;
constexpr std::uint32_t state = 0x04;
constexpr std::uint32_t control = 0x08;
constexpr std::uint32_t interrupt_clear = 0x0C;
constexpr std::uint32_t baud_divider = 0x10;

constexpr std::uint32_t transmit_full = 1u << 0;
constexpr std::uint32_t receive_full = 1u << 1;

constexpr std::uint32_t transmit_enable = 1u << 0;
constexpr std::uint32_t receive_enable = 1u << 1;
constexpr std::uint32_t receive_interrupt = 1u << 3;

constexpr std::uint32_t baud = 115200;
constexpr std::uint32_t patience = cpu_hz;  // one second, far below the watchdog's time

}  // namespace

void Uart::start() {
  write32(base_ + baud_divider, cpu_hz / baud);
  write32(base_ + control, transmit_enable);
  start_free_running_counter();
}

void Uart::start_receiving() {
  write32(base_ + control, transmit_enable | receive_enable | receive_interrupt);
  // QEMU does not look for waiting input when the receiver is enabled, only when a byte is read: without this read a
  // byte that came too early would hold up all others for ever.
  (void)read32(base_ + data);
}

void Uart::send(Bytes bytes) {
  for (const std::byte b : bytes) {
    if (!wait_for_room()) return;
    write32(base_ + data, std::to_integer<std::uint32_t>(b));
  }
}

bool Uart::take(std::byte& received) {
  if ((read32(base_ + state) & receive_full) == 0) return false;
  write32(base_ + interrupt_clear, 1u << 1);
  received = static_cast<std::byte>(read32(base_ + data));
  return true;
}

// A stuck line is asked once per byte, so that a full log costs no time; it is free again when the peer reads.
bool Uart::wait_for_room() {
  const std::uint32_t since = free_running_counter();
  while ((read32(base_ + state) & transmit_full) != 0) {
    if (stuck_ || free_running_counter() - since > patience) {
      stuck_ = true;
      return false;
    }
  }
  stuck_ = false;
  return true;
}

}  // namespace lockstep::board
