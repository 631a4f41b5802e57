// The vectors of a firmware that uses the Ethernet controller: those of startup.cpp, which it has in common with the boot
// code, and one more interrupt. The boot code, which has no use for it, stays as it is.
#include <array>
#include <cstdint>

#include "device/qemu/firmware_vectors.hpp"
#include "device/qemu/registers.hpp"

extern "C" {
extern std::uint32_t lockstep_stack_top[];  // from the linker script
[[noreturn]] void on_reset();
[[noreturn]] void on_watchdog();
[[noreturn]] void on_fault();
void on_tick();
void on_uart0_receive();
void on_ethernet();
}

namespace lockstep::board {
namespace {

struct Vectors {
  const std::uint32_t* stack_top;
  std::array<void (*)(), 15> exceptions;                // numbers 1 to 15
  std::array<void (*)(), ethernet_irq + 1> interrupts;  // no other one is ever enabled
};

// Aligned to the next power of two (Armv7-M ARM B1.5.3).
alignas(128) constexpr Vectors vectors{
    .stack_top = lockstep_stack_top,
    .exceptions = {on_reset, on_watchdog, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault,
                   on_fault, on_fault, on_fault, on_fault, on_tick},
    .interrupts = {on_uart0_receive, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault,
                   on_fault, on_fault, on_fault, on_fault, on_ethernet},
};
static_assert(sizeof vectors <= 128);

}  // namespace

void use_firmware_vectors() {
  write32(scs::vector_table, reinterpret_cast<std::uint32_t>(&vectors));
  barrier();
}

}  // namespace lockstep::board
