// Bytes for tests: written as hex, held in a heap block of exactly their size, so that the sanitizer sees one too far.
#pragma once

#include <cctype>
#include <cstdlib>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocols/core/bytes.hpp"

namespace lockstep {

// Spaces are passed over.
inline std::vector<std::byte> unhex(std::string_view hex) {
  std::vector<std::byte> bytes;
  std::string digits;
  for (const char c : hex) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
    if (digits.size() == 2) {
      bytes.push_back(static_cast<std::byte>(std::strtoul(digits.c_str(), nullptr, 16)));
      digits.clear();
    }
  }
  bytes.shrink_to_fit();
  return bytes;
}

inline std::string hex(Bytes bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::byte b : bytes) {
    text += digits[std::to_integer<unsigned>(b) >> 4];
    text += digits[std::to_integer<unsigned>(b) & 15];
  }
  return text;
}

// The first n bytes in a block of their own.
inline std::vector<std::byte> exact(Bytes bytes, std::size_t n) {
  const Bytes part = bytes.first(n);
  return {part.begin(), part.end()};
}

}  // namespace lockstep
