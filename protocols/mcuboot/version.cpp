#include "protocols/mcuboot/version.hpp"

#include <charconv>
#include <limits>

namespace lockstep::mcuboot {
namespace {

// Takes a decimal number without leading zeros off the front of `text`.
template <class T>
bool take_number(std::string_view& text, T& out) {
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  if (text[0] == '0' && text.size() > 1 && text[1] >= '0' && text[1] <= '9') return false;
  std::uint64_t value = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    value = value * 10 + static_cast<std::uint64_t>(text[0] - '0');
    if (value > std::numeric_limits<T>::max()) return false;
    text.remove_prefix(1);
  }
  out = static_cast<T>(value);
  return true;
}

// True when `text` goes on with `mark`, which is taken.
bool take_mark(std::string_view& text, char mark) {
  if (text.empty() || text[0] != mark) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<Version, Errc> parse_version(std::string_view text) {
  Version v;
  if (!take_number(text, v.major)) return Fail(Errc::bad_version);
  if (take_mark(text, '.')) {
    if (!take_number(text, v.minor)) return Fail(Errc::bad_version);
    if (take_mark(text, '.')) {
      if (!take_number(text, v.revision)) return Fail(Errc::bad_version);
      if (take_mark(text, '+') && !take_number(text, v.build)) return Fail(Errc::bad_version);
    }
  }
  if (!text.empty()) return Fail(Errc::bad_version);
  return v;
}

VersionText::VersionText(const Version& v) {
  char* const end = text_.data() + text_.size();
  char* at = std::to_chars(text_.data(), end, static_cast<unsigned>(v.major)).ptr;
  *at++ = '.';
  at = std::to_chars(at, end, static_cast<unsigned>(v.minor)).ptr;
  *at++ = '.';
  at = std::to_chars(at, end, static_cast<unsigned>(v.revision)).ptr;
  if (v.build != 0) {
    *at++ = '+';
    at = std::to_chars(at, end, v.build).ptr;
  }
  size_ = static_cast<std::size_t>(at - text_.data());
}

}  // namespace lockstep::mcuboot
