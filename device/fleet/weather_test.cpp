#include "device/fleet/weather.hpp"

#include <doctest/doctest.h>

using namespace lockstep::fleet;
using namespace std::chrono_literals;

TEST_CASE("the generator's first numbers are what they always were") {
  // Of the reference implementation of SplitMix64 with seed 1234567.
  Random r(1234567);
  CHECK(r.next() == 6457827717110365317u);
  CHECK(r.next() == 3203168211198807973u);
  CHECK(r.next() == 9817491932198370423u);
}

TEST_CASE("forks by name differ, and the same name gives the same numbers") {
  const Random r(1);
  CHECK(r.fork("a").next() == r.fork("a").next());
  CHECK(r.fork("a").next() != r.fork("b").next());
  CHECK(r.fork("a").next() != Random(2).fork("a").next());
}

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
