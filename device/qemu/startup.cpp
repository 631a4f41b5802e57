// Reset, vectors and faults; linked into the boot code and into every firmware. A program supplies board_main() and
// may supply the handlers declared weak here.
#include <array>
#include <cstdint>
#include <cstring>

#include "device/qemu/console.hpp"
#include "device/qemu/registers.hpp"

extern "C" {

// From the linker script.
extern std::uint32_t lockstep_stack_top[];
extern std::byte lockstep_data_load[], lockstep_data_start[], lockstep_data_end[];
extern std::byte lockstep_bss_start[], lockstep_bss_end[];
using Constructor = void (*)();
extern const Constructor lockstep_constructors_start[], lockstep_constructors_end[];

[[noreturn]] void board_main();
[[gnu::weak]] void on_tick() {}
[[gnu::weak]] void on_uart0_receive() {}
[[gnu::weak]] void on_console(const char*, std::size_t) {}

[[noreturn]] void on_reset() {
  std::memcpy(lockstep_data_start, lockstep_data_load, static_cast<std::size_t>(lockstep_data_end - lockstep_data_start));
  std::memset(lockstep_bss_start, 0, static_cast<std::size_t>(lockstep_bss_end - lockstep_bss_start));
  for (const Constructor* c = lockstep_constructors_start; c != lockstep_constructors_end; ++c) (*c)();
  board_main();
}

// The watchdog's first round is over: say so while it is still possible. The second round resets the chip.
[[noreturn]] void on_watchdog() {
  lockstep::board::console::line("watchdog: no kick in time, reset follows");
  for (;;) lockstep::board::barrier();
}

// A crashed firmware resets at once; the boot code decides what runs next. The first word of the stack frame that
// matters is the program counter, the seventh (Armv7-M ARM B1.5.6).
[[noreturn, gnu::used]] void report_fault(const std::uint32_t* frame) {
  using namespace lockstep::board;
  console::line("fault: pc=", console::Hex{frame[6]}, " status=", console::Hex{read32(scs::fault_status)},
                " address=", console::Hex{read32(scs::fault_address)});
  reset();
}

[[gnu::naked, noreturn]] void on_fault() { asm volatile("mov r0, sp\n\tb report_fault"); }

}  // extern "C"

namespace {

struct Vectors {
  const std::uint32_t* stack_top;
  std::array<void (*)(), 15> exceptions;  // numbers 1 to 15
  void (*uart0_receive)();                // interrupt 0; no other is ever enabled
};

[[gnu::section(".vectors"), gnu::used]] const Vectors vectors{
    .stack_top = lockstep_stack_top,
    .exceptions = {on_reset, on_watchdog, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault, on_fault,
                   on_fault, on_fault, on_fault, on_fault, on_tick},
    .uart0_receive = on_uart0_receive,
};

}  // namespace
