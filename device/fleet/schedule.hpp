// When a device can be reached. Pure arithmetic over the fleet's week: no clock, no time zone, no leap second.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lockstep::fleet {

using Milliseconds = std::chrono::milliseconds;
// Time since a Monday 00:00.
using Moment = Milliseconds;

inline constexpr Moment day = std::chrono::hours(24);
inline constexpr Moment week = 7 * day;

// All that is said must hold. As it is made: always.
struct Schedule {
  Milliseconds every{};      // a sleeper's period; 0: it does not sleep
  Milliseconds awake_for{};  // at the beginning of each period
  Milliseconds phase{};      // where a period begins
  Milliseconds from{};       // time of the day; from == to: all day. to < from: over midnight
  Milliseconds to{};
  bool weekend_off = false;  // not from Saturday 00:00 to Monday 00:00

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

bool is_awake(const Schedule& s, Moment at);

// The first moment after `at` when is_awake() changes. Nothing: never, as far as five weeks ahead tell (a sleeper whose
// moment always falls outside its hours).
std::optional<Moment> next_change(const Schedule& s, Moment at);

// "mon 08:00" .. "sun 23:59"; nothing for anything else.
std::optional<Moment> parse_moment(std::string_view text);
// "07:00-19:00": from and to. 24:00 may end a day; nothing for equal times or anything else.
struct Hours {
  Milliseconds from{}, to{};
};
std::optional<Hours> parse_hours(std::string_view text);

}  // namespace lockstep::fleet
