// The common letters of versions and ranges. Private to this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "manifests/version/version.hpp"

namespace lockstep::version {

inline constexpr std::uint64_t largest_number = (std::uint64_t{1} << 53) - 1;

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_identifier_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

// Takes pieces off the front of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ == text_.size(); }
  std::size_t at() const { return at_; }
  std::string_view rest() const { return text_.substr(at_); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  bool take(char c);
  bool skip_blanks();  // whether there were any

  // A number without leading zero, up to 2^53 - 1; nothing, and nothing is taken, when there is none.
  std::optional<std::uint64_t> number();
  // Digits, letters and hyphens; may be empty.
  std::string_view identifier();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// What may follow the three numbers: "-rc.1" and "+build". False when it is there and malformed.
bool take_prerelease(Cursor& cursor, Version& version);
bool take_build(Cursor& cursor, Version& version);

}  // namespace lockstep::version
