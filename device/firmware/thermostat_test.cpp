#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

#include "device/firmware/thermostat.hpp"

namespace lockstep::firmware {
namespace {

struct Range {
  std::int32_t low = 100'000;
  std::int32_t high = -100'000;
};

// The temperatures between the given seconds after a start at `milli_c`.
template <class Control>
Range run(std::int32_t milli_c, int from_s, int to_s) {
  Room room(milli_c);
  Control control;
  Range seen;
  for (int second = 0; second < to_s; ++second) {
    room.step(control.heater_percent(room.milli_c()));
    if (second < from_s) continue;
    seen = {std::min(seen.low, room.milli_c()), std::max(seen.high, room.milli_c())};
  }
  return seen;
}

TEST_CASE("an unheated room cools down to the outside and not below") {
  Room room(20'000);
  for (int i = 0; i < 3'000; ++i) room.step(0);
  CHECK(room.milli_c() >= 4'000);
  CHECK(room.milli_c() < 4'500);
}

TEST_CASE("version 1 swings around the set point, by less than a degree") {
  for (const std::int32_t start : {10'000, 21'400, 30'000}) {
    CAPTURE(start);
    const Range seen = run<SwitchingControl>(start, 300, 1'000);
    CHECK(seen.low > set_point_milli_c - 1'000);
    CHECK(seen.high < set_point_milli_c + 1'000);
    CHECK(seen.high - seen.low > 400);
  }
}

TEST_CASE("version 2 settles on the set point to a tenth of a degree") {
  for (const std::int32_t start : {10'000, 21'400, 30'000}) {
    CAPTURE(start);
    const Range seen = run<ProportionalControl>(start, 300, 1'000);
    CHECK(seen.low > set_point_milli_c - 100);
    CHECK(seen.high < set_point_milli_c + 100);
  }
}

TEST_CASE("the feature eco lowers what both versions hold, from one second to the next, and gives it back") {
  const auto settles_at = [](auto control, std::int32_t wanted) {
    Room room(set_point_milli_c);
    for (int second = 0; second < 1'000; ++second) {
      room.step(control.heater_percent(room.milli_c(), second < 300 ? set_point_milli_c : wanted));
    }
    return room.milli_c();
  };
  CHECK(std::abs(settles_at(ProportionalControl(), eco_set_point_milli_c) - eco_set_point_milli_c) < 100);
  CHECK(std::abs(settles_at(SwitchingControl(), eco_set_point_milli_c) - eco_set_point_milli_c) < 1'000);
  CHECK(std::abs(settles_at(ProportionalControl(), set_point_milli_c) - set_point_milli_c) < 100);
}

TEST_CASE("a reading that no room has is not plausible") {
  CHECK(is_plausible(set_point_milli_c));
  CHECK(!is_plausible(-40'000));
  CHECK(!is_plausible(85'000));
}

}  // namespace
}  // namespace lockstep::firmware
