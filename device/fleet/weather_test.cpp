#include "device/fleet/weather.hpp"

#include <doctest/doctest.h>

using namespace lockstep::fleet;
using lockstep::Random;
using namespace std::chrono_literals;

TEST_CASE("a perfect link brings every message once, at once and whole") {
  Weather weather({}, Random(1));
  for (int i = 0; i < 1000; ++i) {
    const auto arrivals = weather.next();
    REQUIRE(arrivals.count == 1);
    CHECK(arrivals.all[0].after == 0ms);
    CHECK_FALSE(arrivals.all[0].wrong_bit);
  }
}

TEST_CASE("a bad link loses, doubles, spoils and delays as often as asked") {
  Weather weather({.loss = 0.1, .duplicate = 0.05, .corrupt = 0.02, .delay = 20ms, .jitter = 10ms}, Random(5));
  int lost = 0, doubled = 0, wrong = 0, arrived = 0;
  for (int i = 0; i < 100000; ++i) {
    const auto arrivals = weather.next();
    lost += arrivals.count == 0 ? 1 : 0;
    doubled += arrivals.count == 2 ? 1 : 0;
    for (const Arrival& a : arrivals) {
      ++arrived;
      wrong += a.wrong_bit ? 1 : 0;
      REQUIRE(a.after >= 20ms);
      REQUIRE(a.after <= 30ms);
    }
  }
  CHECK(lost == doctest::Approx(10000).epsilon(0.05));
  CHECK(doubled == doctest::Approx(4500).epsilon(0.05));
  CHECK(wrong == doctest::Approx(arrived * 0.02).epsilon(0.1));
}
