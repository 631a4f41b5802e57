// Which function of a firmware an address belongs to, by its ELF file's symbol table.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"

namespace lockstep::board {

struct Function {
  std::string name;  // as in the source, without parameters where it is C++
  std::uint32_t address = 0;
  std::uint32_t size = 0;
};

class Functions {
 public:
  // ErrorKind: not_found, io, invalid (no 32-bit little-endian ELF file with symbols).
  static Outcome<Functions> load(const std::filesystem::path& elf);

  const Function* at(std::uint32_t address) const;          // null outside of every function
  std::string_view name_at(std::uint32_t address) const;    // empty there; valid as long as this
  std::string describe(std::uint32_t address) const;        // "0x00001234 in boot::accept+0x12"
  const std::vector<Function>& all() const { return all_; }  // by address

 private:
  std::vector<Function> all_;
};

}  // namespace lockstep::board
