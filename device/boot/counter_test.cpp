#include "device/boot/counter.hpp"

#include <doctest/doctest.h>

#include "device/boot/test_board.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using boot::testing::Board;

TEST_CASE("the counter rises, never falls, and outlives any number of writes") {
  for (const std::uint32_t align : {1u, 8u, 32u}) {
    CAPTURE(align);
    Board board(Mode::swap, align);
    MemoryFlash flash = board.flash();
    CounterLog log(counter_area(flash, board.layout));
    CHECK(*log.read() == 0);
    for (std::uint32_t value = 1; value <= 700; ++value) {  // more than two sectors hold
      CAPTURE(value);
      REQUIRE(log.raise(value));
      REQUIRE(*log.read() == value);
    }
    REQUIRE(log.raise(3));
    CHECK(*log.read() == 700);
  }
}

TEST_CASE("a power cut while the counter rises leaves the old value or the new one") {
  for (const auto last : {CutFlash::Last::skipped, CutFlash::Last::torn, CutFlash::Last::torn_late}) {
    Board board;
    MemoryFlash flash = board.flash();
    std::uint32_t stored = 0;
    for (std::uint32_t value = 1; value <= 600; ++value) {
      CAPTURE(value);
      CutFlash cut(flash, 1 + value % 2, last);  // the write, or the erase before it
      CounterLog dying(counter_area(cut, board.layout));
      const bool done = bool(dying.raise(value));
      const std::uint32_t after = *CounterLog(counter_area(flash, board.layout)).read();
      CHECK((after == value || (!done && after == stored)));
      stored = after;
    }
    CHECK(stored > 500);
  }
}

TEST_CASE("a device without a place for the counter has none") {
  Board board;
  board.layout.counter = {};
  MemoryFlash flash = board.flash();
  CounterLog log(counter_area(flash, board.layout));
  CHECK(log.raise(7));
  CHECK(*log.read() == 0);
}
