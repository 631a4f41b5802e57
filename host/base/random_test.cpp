#include "host/base/random.hpp"

#include <doctest/doctest.h>

using lockstep::Random;

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
