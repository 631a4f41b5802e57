// RFC 3339 times.
#include <fmt/format.h>

#include "host/base/text.hpp"

namespace lockstep {
namespace {

namespace chrono = std::chrono;

// Takes exactly `digits` decimal digits off the front.
bool take_number(std::string_view& text, std::size_t digits, int& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take_any(std::string_view& text, std::string_view marks) {
  if (text.empty() || marks.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool take_milliseconds(std::string_view& text, int& out) {
  out = 0;
  if (!take_any(text, ".")) return true;
  int scale = 100;
  std::size_t digits = 0;
  for (; !text.empty() && text[0] >= '0' && text[0] <= '9'; text.remove_prefix(1), ++digits, scale /= 10)
    out += (text[0] - '0') * scale;
  return digits > 0;
}

bool take_offset(std::string_view& text, chrono::minutes& out) {
  out = {};
  if (take_any(text, "Zz")) return true;
  const bool west = text.starts_with('-');
  int hours = 0, minutes = 0;
  if (!take_any(text, "+-") || !take_number(text, 2, hours) || !take_any(text, ":") ||
      !take_number(text, 2, minutes))
    return false;
  if (hours > 23 || minutes > 59) return false;
  out = chrono::minutes(hours * 60 + minutes) * (west ? -1 : 1);
  return true;
}

std::optional<Time> parse(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0;
  chrono::minutes offset{};
  const bool form = take_number(text, 4, year) && take_any(text, "-") && take_number(text, 2, month) &&
                    take_any(text, "-") && take_number(text, 2, day) && take_any(text, "Tt") &&
                    take_number(text, 2, hour) && take_any(text, ":") && take_number(text, 2, minute) &&
                    take_any(text, ":") && take_number(text, 2, second) && take_milliseconds(text, ms) &&
                    take_offset(text, offset) && text.empty();
  if (!form) return std::nullopt;
  const chrono::year_month_day date{chrono::year(year), chrono::month(static_cast<unsigned>(month)),
                                    chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;  // 60: a leap second
  return Time(chrono::sys_days(date)) + chrono::hours(hour) + chrono::minutes(minute) +
         chrono::seconds(second) + chrono::milliseconds(ms) - offset;
}

}  // namespace

Time now() { return chrono::floor<chrono::milliseconds>(Clock::now()); }

std::string format_time(Time time) {
  const auto days = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(days);
  const chrono::hh_mm_ss clock(time - days);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

Outcome<Time> parse_time(std::string_view text) {
  const auto time = parse(text);
  if (!time)
    return fail(ErrorKind::invalid, in_quotes(text.substr(0, 80)) + " is no time",
                "write it as 2026-11-23T18:04:05Z (RFC 3339)");
  return *time;
}

}  // namespace lockstep
