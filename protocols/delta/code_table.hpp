// The default instruction code table (RFC 3284, section 5.6): what each opcode stands for.
#pragma once

#include <array>
#include <cstdint>

namespace lockstep::delta {

enum class Kind : std::uint8_t { none, add, run, copy };

// One instruction. Size 0: the size follows the opcode as a number.
struct Instruction {
  Kind kind = Kind::none;
  std::uint8_t size = 0;
  std::uint8_t mode = 0;  // of a copy: how its address is written (address_cache.hpp)
  friend bool operator==(const Instruction&, const Instruction&) = default;
};

// An opcode is one instruction or two.
struct Code {
  Instruction first{};
  Instruction second{};
};

inline constexpr std::uint8_t mode_count = 9;

constexpr std::array<Code, 256> make_code_table() {
  std::array<Code, 256> table{};
  std::size_t at = 0;
  const auto put = [&](Instruction first, Instruction second = {}) { table[at++] = {first, second}; };
  put({Kind::run, 0});
  for (std::uint8_t size = 0; size <= 17; ++size) put({Kind::add, size});
  for (std::uint8_t mode = 0; mode < mode_count; ++mode) {
    put({Kind::copy, 0, mode});
    for (std::uint8_t size = 4; size <= 18; ++size) put({Kind::copy, size, mode});
  }
  for (std::uint8_t mode = 0; mode < 6; ++mode) {
    for (std::uint8_t added = 1; added <= 4; ++added) {
      for (std::uint8_t size = 4; size <= 6; ++size) put({Kind::add, added}, {Kind::copy, size, mode});
    }
  }
  for (std::uint8_t mode = 6; mode < mode_count; ++mode) {
    for (std::uint8_t added = 1; added <= 4; ++added) put({Kind::add, added}, {Kind::copy, 4, mode});
  }
  for (std::uint8_t mode = 0; mode < mode_count; ++mode) put({Kind::copy, 4, mode}, {Kind::add, 1});
  return table;
}

inline constexpr std::array<Code, 256> code_table = make_code_table();

}  // namespace lockstep::delta
