#include "device/fleet/schedule.hpp"

#include <algorithm>
#include <array>

namespace lockstep::fleet {
namespace {

constexpr Moment workdays = 5 * day;
constexpr Moment horizon = 5 * week;

// A stretch of time that comes again: open at `begin` for `length` in every `period`.
struct Window {
  Milliseconds period{}, begin{}, length{};

  bool is_always() const { return length >= period; }
  Milliseconds place(Moment at) const {
    const Milliseconds place = (at - begin) % period;
    return place < Milliseconds{} ? place + period : place;
  }
  bool is_open(Moment at) const { return is_always() || place(at) < length; }
  Moment next_opening(Moment at) const { return at + (period - place(at)); }
  Moment next_closing(Moment at) const { return at + (length - place(at)); }  // for an open one
};

std::array<Window, 3> windows(const Schedule& s) {
  std::array<Window, 3> out;  // of period 0: always open
  if (s.every > Milliseconds{}) out[0] = {s.every, s.phase, s.awake_for};
  if (s.from != s.to) out[1] = {day, s.from, s.from < s.to ? s.to - s.from : s.to + day - s.from};
  if (s.weekend_off) out[2] = {week, Moment{}, workdays};
  return out;
}

// One or two digits below `limit`; takes them.
std::optional<int> take_number(std::string_view& text, int limit) {
  if (text.size() < 2) return std::nullopt;
  const int tens = text[0] - '0', ones = text[1] - '0';
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9 || tens * 10 + ones >= limit) return std::nullopt;
  text.remove_prefix(2);
  return tens * 10 + ones;
}

// "07:00"
std::optional<Milliseconds> take_time(std::string_view& text) {
  const auto hour = take_number(text, 25);
  if (!hour || !text.starts_with(':')) return std::nullopt;
  text.remove_prefix(1);
  const auto minute = take_number(text, 60);
  if (!minute || (*hour == 24 && *minute != 0)) return std::nullopt;
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute);
}

}  // namespace

bool is_awake(const Schedule& s, Moment at) {
  const auto all = windows(s);
  return std::all_of(all.begin(), all.end(), [&](const Window& w) { return w.is_open(at); });
}

std::optional<Moment> next_change(const Schedule& s, Moment at) {
  const auto all = windows(s);
  if (is_awake(s, at)) {
    std::optional<Moment> closing;
    for (const Window& w : all) {
      if (!w.is_always()) closing = std::min(closing.value_or(Moment::max()), w.next_closing(at));
    }
    return closing;
  }
  // Jump from opening to opening until all are open at once.
  for (Moment now = at; now <= at + horizon;) {
    Moment latest = now;
    for (const Window& w : all) {
      if (!w.is_open(now)) latest = std::max(latest, w.next_opening(now));
    }
    if (latest == now) return now;
    now = latest;
  }
  return std::nullopt;
}

std::optional<Moment> parse_moment(std::string_view text) {
  constexpr std::string_view days[] = {"mon ", "tue ", "wed ", "thu ", "fri ", "sat ", "sun "};
  Moment begin{};
  for (const std::string_view name : days) {
    if (text.starts_with(name)) {
      text.remove_prefix(name.size());
      const auto time = take_time(text);
      return time && *time < day && text.empty() ? std::optional(begin + *time) : std::nullopt;
    }
    begin += day;
  }
  return std::nullopt;
}

std::optional<Hours> parse_hours(std::string_view text) {
  const auto from = take_time(text);
  if (!from || *from == day || !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  const auto to = take_time(text);
  if (!to || !text.empty() || *from == *to) return std::nullopt;
  return Hours{*from, *to};
}

}  // namespace lockstep::fleet
