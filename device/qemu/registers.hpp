// The registers of the mps2-an385 (Arm MPS2 FPGA image AN385: Cortex-M3 with CMSDK peripherals) that this port uses.
// Sources: Arm DAI 0385D (memory map, interrupts), Arm DDI 0479D (CMSDK UART, watchdog), Armv7-M ARM (system control
// space).
#pragma once

#include <cstdint>

namespace lockstep::board {

// Functions, not references: `(void)REG;` on a volatile reference reads nothing in C++.
inline std::uint32_t read32(std::uint32_t address) { return *reinterpret_cast<const volatile std::uint32_t*>(address); }
inline void write32(std::uint32_t address, std::uint32_t value) {
  *reinterpret_cast<volatile std::uint32_t*>(address) = value;
}

inline constexpr std::uint32_t cpu_hz = 25'000'000;  // also the clock of the UARTs and the watchdog

inline constexpr std::uint32_t timer0_base = 0x4000'0000;
inline constexpr std::uint32_t uart0_base = 0x4000'4000;
inline constexpr std::uint32_t uart1_base = 0x4000'5000;
inline constexpr std::uint32_t watchdog_base = 0x4000'8000;

// Interrupt numbers (NVIC).
inline constexpr unsigned uart0_rx_irq = 0;
inline constexpr unsigned ethernet_irq = 13;

namespace scs {  // system control space
inline constexpr std::uint32_t systick_control = 0xE000'E010;
inline constexpr std::uint32_t systick_reload = 0xE000'E014;
inline constexpr std::uint32_t systick_value = 0xE000'E018;
inline constexpr std::uint32_t nvic_enable = 0xE000'E100;
inline constexpr std::uint32_t nvic_disable = 0xE000'E180;
inline constexpr std::uint32_t nvic_clear_pending = 0xE000'E280;
inline constexpr std::uint32_t vector_table = 0xE000'ED08;
inline constexpr std::uint32_t reset_control = 0xE000'ED0C;
inline constexpr std::uint32_t fault_status = 0xE000'ED28;
inline constexpr std::uint32_t fault_address = 0xE000'ED34;
inline constexpr std::uint32_t mpu_control = 0xE000'ED94;
inline constexpr std::uint32_t mpu_region = 0xE000'ED98;
inline constexpr std::uint32_t mpu_base = 0xE000'ED9C;
inline constexpr std::uint32_t mpu_attributes = 0xE000'EDA0;
}  // namespace scs

inline void barrier() { asm volatile("dsb\n\tisb" ::: "memory"); }
inline void disable_interrupts() { asm volatile("cpsid i" ::: "memory"); }
inline void enable_interrupts() { asm volatile("cpsie i" ::: "memory"); }
// Sleeps until an interrupt is pending. With interrupts disabled it wakes all the same and the handler runs after
// enable_interrupts(): test the condition, sleep, enable, and no wake-up is lost.
inline void wait_for_interrupt() { asm volatile("wfi" ::: "memory"); }

// Timer 0, used as a counter that counts cpu_hz up and wraps; it needs no interrupt. Starting it twice is harmless.
inline void start_free_running_counter() {
  write32(timer0_base + 0x8, 0xffff'ffff);  // reload
  write32(timer0_base + 0x0, 1);            // enable, no interrupt
}
inline std::uint32_t free_running_counter() { return ~read32(timer0_base + 0x4); }

// SYSRESETREQ: resets core and peripherals, as a watchdog does. SRAM and flash keep their contents.
[[noreturn]] inline void reset() {
  barrier();
  write32(scs::reset_control, 0x05FA'0004);
  for (;;) barrier();
}

}  // namespace lockstep::board
