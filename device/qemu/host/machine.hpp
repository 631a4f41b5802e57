// The boards that QEMU can be, as far as the host has to know.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace lockstep::board {

struct Machine {
  std::string_view name;     // QEMU's
  std::string_view suffix;   // of the names of its boot code and firmwares: boot-an500.elf
  std::uint32_t flash_base;  // where its processor sees the flash's first byte (device/qemu/CMakeLists.txt)
};

inline constexpr Machine an385{"mps2-an385", "", 0x2100'0000};       // Cortex-M3, the reference board
inline constexpr Machine an500{"mps2-an500", "-an500", 0x6000'0000};  // Cortex-M7, the port that proves the guide
inline constexpr std::array machines{an385, an500};

}  // namespace lockstep::board
