// What a boot costs the board: instructions and stack, measured on the image that ships.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace lockstep::board {

struct BootCost {
  std::string_view boot;           // what the boot has to do
  std::uint64_t instructions = 0;  // executed from reset to the firmware's first one, or to sleep
  std::uint32_t stack_bytes = 0;   // that the boot touched
  // What it may cost. Growth is a decision, to be made in cost.cpp.
  std::uint64_t most_instructions = 0;
  std::uint32_t most_stack_bytes = 0;

  bool is_within_budget() const { return instructions <= most_instructions && stack_bytes <= most_stack_bytes; }
};

// Throws std::runtime_error.
std::vector<BootCost> measure_boots(const std::filesystem::path& boot_elf, const std::filesystem::path& firmwares);

}  // namespace lockstep::board
