#include "manifests/xml/types.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "host/base/text.hpp"
#include "manifests/version/range.hpp"

namespace lockstep::xml {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_identifier(std::string_view text) {
  return !text.empty() && text.size() <= 64 && (is_letter(text.front()) || is_digit(text.front())) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_identifiers(std::string_view text) {
  return !text.empty() && text.size() <= 1024 && text.front() != ' ' && text.back() != ' ' &&
         text.find("  ") == text.npos &&
         all_words(text, [](std::string_view word) { return is_identifier(word); });
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

// A path that cannot leave its folder, on any system that we or a colleague may run.
bool is_inner_path(std::string_view text) {
  if (text.empty() || text.size() > 255 || text.front() == '/' || text.back() == '/') return false;
  if (std::any_of(text.begin(), text.end(), [](char c) { return is_control(c) || c == '\\' || c == ':'; })) return false;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || colon == 0 || colon + 1 == text.size() || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; }) &&
         std::none_of(text.begin(), text.end(), [](char c) { return is_control(c) || c == ' '; });
}

bool is_line(std::string_view text) { return !text.empty() && std::none_of(text.begin(), text.end(), is_control); }

bool is_choice(std::string_view text, std::string_view choices) {
  return !all_words(choices, [&](std::string_view word) { return word != text; });
}

// Splits "16 MiB" into number and unit, with at most one blank between.
bool split_unit(std::string_view text, std::string_view& number, std::string_view& unit) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  number = text.substr(0, end);
  unit = end == text.npos ? std::string_view{} : text.substr(end);
  if (unit.starts_with(' ')) {
    unit.remove_prefix(1);
    if (unit.empty()) return false;
  }
  return !number.empty() && std::all_of(unit.begin(), unit.end(), is_letter);
}

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
constexpr Unit size_units[] = {{"", 1}, {"B", 1}, {"KiB", 1u << 10}, {"MiB", 1u << 20}, {"GiB", 1u << 30}};
constexpr Unit duration_units[] = {{"us", 1},           {"ms", 1'000},          {"s", 1'000'000},
                                   {"min", 60'000'000}, {"h", 3'600'000'000}, {"d", 86'400'000'000}};

std::optional<std::uint64_t> factor(std::span<const Unit> units, std::string_view name) {
  for (const Unit& u : units) {
    if (u.name == name) return u.factor;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool leading_zero = text.size() > 1 && text.front() == '0';
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || leading_zero) return std::nullopt;
  return value;
}

bool matches(Type type, std::string_view text, std::string_view choices) {
  switch (type) {
    case Type::text: return is_line(text);
    case Type::identifier: return is_identifier(text);
    case Type::identifiers: return is_identifiers(text);
    case Type::version: return version::parse(text).operator bool();
    case Type::range: return is_line(text) && version::Range::parse(text);
    case Type::revisions: return is_line(text) && version::Range::parse(text);
    case Type::sha256: return is_sha256(text);
    case Type::count: return parse_count(text).has_value();
    case Type::number: return parse_number(text).has_value();
    case Type::boolean: return text == "true" || text == "false";
    case Type::size: return parse_size(text).has_value();
    case Type::duration: return parse_duration(text).has_value();
    case Type::file: return is_inner_path(text);
    case Type::uri: return is_uri(text);
    case Type::choice: return is_choice(text, choices);
  }
  return false;
}

}  // namespace

std::optional<std::string> objection(Type type, std::string_view text, std::string_view choices) {
  if (matches(type, text, choices)) return std::nullopt;
  std::string out = "expected " + expectation(type, choices);
  if (type == Type::choice) {
    if (const auto meant = closest(text, parse_words(choices))) out += "; did you mean \"" + *meant + "\"?";
  }
  if (type == Type::sha256 && text.size() != 64) out += ", it has " + std::to_string(text.size()) + " characters";
  return out;
}

std::string expectation(Type type, std::string_view choices) {
  switch (type) {
    case Type::text: return "text on one line";
    case Type::identifier: return "a name of letters, digits, '.', '_' and '-' such as mobile-app";
    case Type::identifiers: return "names separated by single blanks";
    case Type::version: return "a SemVer version such as 1.4.2";
    case Type::range: return "a range of versions such as ^1.2.0 or >=1.0.0 <2.0.0";
    case Type::revisions: return "a range of board revisions such as >=2 or 1.x";
    case Type::sha256: return "64 lower-case hexadecimal digits";
    case Type::count: return "a whole number from 0 to 4294967295";
    case Type::number: return "a decimal number such as -0.5";
    case Type::boolean: return "true or false";
    case Type::size: return "bytes such as 512, 64 KiB or 16 MiB";
    case Type::duration: return "a number with unit (us, ms, s, min, h, d) such as 1500 ms";
    case Type::file: return "a relative path inside its folder such as images/app.bin";
    case Type::uri: return "a URI such as smp+unix:///run/board0.sock";
    case Type::choice: break;
  }
  std::string out = "one of";
  (void)all_words(choices, [&](std::string_view word) {
    out += (out.size() == 6 ? " " : ", ") + std::string(word);
    return true;
  });
  return out;
}

std::string_view xsd_name(Type type) {
  switch (type) {
    case Type::text: return "text";
    case Type::identifier: return "identifier";
    case Type::identifiers: return "identifiers";
    case Type::version: return "version";
    case Type::range: return "range";
    case Type::revisions: return "revisions";
    case Type::sha256: return "sha256";
    case Type::count: return "count";
    case Type::number: return "number";
    case Type::boolean: return "boolean";
    case Type::size: return "size";
    case Type::duration: return "duration";
    case Type::file: return "file";
    case Type::uri: return "uri";
    case Type::choice: return "choice";
  }
  return {};
}

std::string_view xsd_pattern(Type type) {
  switch (type) {
    case Type::text: return R"([^\n\r\t]+)";
    case Type::identifier: return R"([A-Za-z0-9][A-Za-z0-9._\-]{0,63})";
    case Type::identifiers: return R"([A-Za-z0-9][A-Za-z0-9._\-]{0,63}( [A-Za-z0-9][A-Za-z0-9._\-]{0,63})*)";
    case Type::version:
      return R"((0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(\-[0-9A-Za-z.\-]+)?(\+[0-9A-Za-z.\-]+)?)";
    case Type::range:
    case Type::revisions: return R"([0-9A-Za-z.*+<>=~^| \-]*)";
    case Type::sha256: return "[0-9a-f]{64}";
    case Type::count: return "0|[1-9][0-9]{0,9}";
    case Type::number: return R"(-?[0-9]+(\.[0-9]+)?)";
    case Type::boolean: return "true|false";
    case Type::size: return R"((0|[1-9][0-9]*)( ?(B|KiB|MiB|GiB))?)";
    case Type::duration: return R"([0-9]+(\.[0-9]+)? ?(us|ms|s|min|h|d))";
    case Type::file: return R"([^/\\:]+(/[^/\\:]+)*)";
    case Type::uri: return R"([A-Za-z][A-Za-z0-9+.\-]*:\S+)";
    case Type::choice: return {};
  }
  return {};
}

std::optional<std::uint32_t> parse_count(std::string_view text) {
  const auto value = parse_unsigned(text);
  if (!value || *value > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

std::optional<double> parse_number(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('-')) digits.remove_prefix(1);
  const std::size_t dot = digits.find('.');
  const std::string_view whole = digits.substr(0, dot);
  const std::string_view fraction = dot == digits.npos ? "0" : digits.substr(dot + 1);
  const auto all_digits = [](std::string_view s) { return !s.empty() && std::all_of(s.begin(), s.end(), is_digit); };
  if (!all_digits(whole) || !all_digits(fraction) || text.size() > 32) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  std::string_view number, unit;
  if (!split_unit(text, number, unit)) return std::nullopt;
  const auto value = parse_unsigned(number);
  const auto scale = factor(size_units, unit);
  constexpr std::uint64_t largest = std::uint64_t{1} << 62;
  if (!value || !scale || *value > largest / *scale) return std::nullopt;
  return *value * *scale;
}

std::optional<std::chrono::microseconds> parse_duration(std::string_view text) {
  std::string_view number, unit;
  if (!split_unit(text, number, unit)) return std::nullopt;
  const auto value = parse_number(number);
  const auto scale = factor(duration_units, unit);
  constexpr double largest = 1e15;  // 31 years; and every value below is exact in a double
  if (!value || !scale || *value * static_cast<double>(*scale) > largest) return std::nullopt;
  return std::chrono::microseconds(static_cast<std::int64_t>(*value * static_cast<double>(*scale) + 0.5));
}

std::vector<std::string> parse_words(std::string_view text) {
  std::vector<std::string> out;
  (void)all_words(text, [&](std::string_view word) {
    out.emplace_back(word);
    return true;
  });
  return out;
}

}  // namespace lockstep::xml
