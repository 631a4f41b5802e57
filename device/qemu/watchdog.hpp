// The CMSDK watchdog (Arm DDI 0479D, 4.4). It counts down twice: the first time it raises the NMI, the second time,
// if nobody kicked it meanwhile, it resets the whole chip. The boot code arms it before it jumps and locks it, so a
// firmware that hangs comes back to the boot code, which then reverts an image that never confirmed itself.
#pragma once

#include "device/qemu/registers.hpp"

namespace lockstep::board::watchdog {

inline constexpr std::uint32_t timeout_ms = 4000;  // from the last kick to the reset

inline constexpr std::uint32_t load = watchdog_base + 0x000;
inline constexpr std::uint32_t control = watchdog_base + 0x008;
inline constexpr std::uint32_t interrupt_clear = watchdog_base + 0x00C;
inline constexpr std::uint32_t lock = watchdog_base + 0xC00;
inline constexpr std::uint32_t unlock_key = 0x1ACC'E551;

// Starts it, and locks its registers against stray writes.
inline void arm() {
  write32(lock, unlock_key);
  write32(load, cpu_hz / 1000 * (timeout_ms / 2));
  write32(control, 0b11);  // interrupt and reset enabled
  write32(lock, 0);
}

// Starts the whole time anew, also after the NMI.
inline void kick() {
  write32(lock, unlock_key);
  write32(interrupt_clear, 1);
  write32(lock, 0);
}

}  // namespace lockstep::board::watchdog
