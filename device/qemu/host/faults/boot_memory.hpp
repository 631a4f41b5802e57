// Where the boot code lives, as device/qemu/boot.ld has it.
#pragma once

#include <cstdint>

namespace lockstep::board {

inline constexpr std::uint32_t rom_size = 32 * 1024;  // from address 0
inline constexpr std::uint32_t ram_base = 0x2000'0000;
inline constexpr std::uint32_t ram_size = 8 * 1024;
inline constexpr std::uint32_t stack_size = 5 * 1024;  // at the bottom of RAM

// Bytes of the Thumb instruction that begins with this halfword (Armv7-M ARM A5.1).
constexpr std::uint32_t instruction_size(std::uint16_t first) { return first >= 0xE800 ? 4 : 2; }

}  // namespace lockstep::board
