#include "device/fleet/schedule.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "host/base/random.hpp"

using namespace lockstep::fleet;
using lockstep::Random;
using namespace std::chrono_literals;

namespace {

// What next_change() has to find, by looking at every step of `grain`.
std::optional<Moment> looked_for(const Schedule& s, Moment at, Milliseconds grain, Milliseconds far) {
  const bool awake = is_awake(s, at);
  for (Moment now = at + grain; now <= at + far; now += grain) {
    if (is_awake(s, now) != awake) return now;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("without a schedule a device is always there") {
  CHECK(is_awake({}, 0ms));
  CHECK(is_awake({}, 1000 * week + 5ms));
  CHECK_FALSE(next_change({}, 3 * day));
}

TEST_CASE("a sleeper is awake at the beginning of each of its periods") {
  const Schedule s{.every = 60s, .awake_for = 5s, .phase = 20s};
  CHECK_FALSE(is_awake(s, 0s));
  CHECK(next_change(s, 0s) == 20s);
  CHECK(is_awake(s, 20s));
  CHECK(next_change(s, 20s) == 25s);
  CHECK(is_awake(s, 24999ms));
  CHECK_FALSE(is_awake(s, 25s));
  CHECK(next_change(s, 25s) == 80s);
}

TEST_CASE("at the weekend, and outside its hours, an office is not there") {
  const Schedule s{.from = 7h, .to = 19h, .weekend_off = true};
  CHECK_FALSE(is_awake(s, 6h + 59min));
  CHECK(is_awake(s, 7h));
  CHECK_FALSE(is_awake(s, 19h));
  const Moment friday_evening = 4 * day + 19h;
  CHECK(next_change(s, friday_evening) == week + 7h);  // over the weekend to Monday morning
  CHECK(next_change(s, 4 * day + 8h) == friday_evening);
}

TEST_CASE("hours may go over midnight, and the weekend still counts") {
  const Schedule s{.from = 22h, .to = 6h, .weekend_off = true};
  CHECK(is_awake(s, 23h));
  CHECK(is_awake(s, day + 5h));
  CHECK_FALSE(is_awake(s, 12h));
  CHECK(next_change(s, 4 * day + 23h) == 5 * day);  // Friday night ends at midnight
  CHECK(next_change(s, 5 * day) == week);           // and Monday begins with the rest of a night
}

TEST_CASE("a sleeper whose moment always falls outside its hours never comes") {
  const Schedule s{.every = 24h, .awake_for = 1h, .phase = 3h, .from = 8h, .to = 16h};
  CHECK_FALSE(next_change(s, 0h));
}

TEST_CASE("the next change is the one that looking at every moment finds") {
  Random random(11);
  const auto pick = [&](std::vector<Milliseconds> of) { return of[random.below(of.size())]; };
  int changes = 0;
  for (int i = 0; i < 300; ++i) {
    Schedule s;
    s.every = pick({0min, 15min, 60min, 24h, 25h});
    s.awake_for = pick({5min, 15min});
    s.phase = Milliseconds(5min) * random.below(300);
    s.from = pick({0h, 7h, 22h});
    s.to = pick({0h, 6h, 19h, 24h});
    s.weekend_off = random.below(2) == 1;
    const Moment at = Milliseconds(5min) * random.below(2 * week / Milliseconds(5min));
    CAPTURE(i);
    const auto found = next_change(s, at);
    CHECK(found == looked_for(s, at, 5min, 5 * week));
    changes += found ? 1 : 0;
  }
  CHECK(changes > 200);
}

TEST_CASE("moments and hours are read strictly") {
  CHECK(parse_moment("mon 00:00") == 0ms);
  CHECK(parse_moment("sun 23:59") == 6 * day + 23h + 59min);
  CHECK(parse_hours("07:00-19:30")->to == 19h + 30min);
  CHECK(parse_hours("22:00-06:00")->from == 22h);
  CHECK(parse_hours("00:00-24:00")->to == 24h);
  for (const char* wrong : {"", "mon", "mon 24:00", "mon 8:00", "Mon 08:00", "mon 08:60", "mon 08:00 ", "day 08:00", "mon 0a:00"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_moment(wrong));
  }
  for (const char* wrong : {"", "07:00", "07:00-", "07:00-07:00", "07:00-19:00 ", "7-19", "24:00-07:00", "07:00-24:01", "07:00 19:00"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_hours(wrong));
  }
}
