// What a board's processor stored into its flash, in order: the log of the power-cut plugin.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "host/base/buffer.hpp"
#include "host/base/error.hpp"

namespace lockstep::board {

// As the plugin writes it (plugins/power_cut.c).
struct Store {
  std::uint32_t offset = 0;  // from the flash's first byte
  std::uint32_t bytes = 0;   // 1, 2, 4 or 8
  std::uint64_t value = 0;   // little-endian

  std::byte byte(std::uint32_t i) const { return static_cast<std::byte>(value >> 8 * i & 255u); }
  // Whether the store changed a flash that held `flash` before it.
  bool apply(MutableBytes flash) const;
};

// ErrorKind: not_found, io, invalid (no whole log, or one that ran full).
Outcome<std::vector<Store>> load_stores(const std::filesystem::path& log);

// One byte that was written: what both a store and an operation of the flash driver are made of.
struct WrittenByte {
  std::uint32_t offset = 0;
  std::byte value{};
  bool operator==(const WrittenByte&) const = default;
};
std::vector<WrittenByte> bytes_of(const std::vector<Store>& stores);

}  // namespace lockstep::board
