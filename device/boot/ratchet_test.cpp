#include "device/boot/ratchet.hpp"

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
    RatchetLog log(ratchet_area(flash, board.layout));
    CHECK(*log.read() == Ratchet{});
    for (std::uint32_t value = 1; value <= 700; ++value) {  // more than two sectors hold
      CAPTURE(value);
      REQUIRE(log.raise({.counter = value}));
      REQUIRE(*log.read() == Ratchet{.counter = value});
    }
    REQUIRE(log.raise({.counter = 3}));
    CHECK(log.read()->counter == 700);
  }
}

TEST_CASE("a revoked key stays revoked, whatever else is stored later") {
  Board board;
  MemoryFlash flash = board.flash();
  RatchetLog log(ratchet_area(flash, board.layout));
  REQUIRE(log.raise({.counter = 5, .revoked_keys = 0b10}));
  REQUIRE(log.raise({.counter = 1, .revoked_keys = 0b1000}));
  CHECK(*log.read() == Ratchet{5, 0b1010});
  for (std::uint32_t value = 6; value <= 300; ++value) REQUIRE(log.raise({.counter = value}));
  CHECK(*log.read() == Ratchet{300, 0b1010});
}

TEST_CASE("what is stored already costs no write") {
  Board board;
  MemoryFlash flash = board.flash();
  REQUIRE(RatchetLog(ratchet_area(flash, board.layout)).raise({5, 0b11}));
  CutFlash dead(flash, 1);
  CHECK(RatchetLog(ratchet_area(dead, board.layout)).raise({4, 0b01}));
  CHECK(!RatchetLog(ratchet_area(dead, board.layout)).raise({4, 0b100}));
}

TEST_CASE("a record with one wrong bit does not count") {
  Board board;
  MemoryFlash flash = board.flash();
  RatchetLog log(ratchet_area(flash, board.layout));
  REQUIRE(log.raise({5, 0b1}));
  REQUIRE(log.raise({6, 0b11}));
  for (std::uint32_t bit = 0; bit < 16 * 8; ++bit) {
    CAPTURE(bit);
    Board damaged = board;
    damaged.memory[board.layout.ratchet.offset + 16 + bit / 8] ^= std::byte(1u << bit % 8);
    MemoryFlash after = damaged.flash();
    CHECK(*RatchetLog(ratchet_area(after, board.layout)).read() == Ratchet{5, 0b1});
  }
}

TEST_CASE("a power cut while it goes on leaves what was stored or what is to be stored") {
  for (const auto last : {CutFlash::Last::skipped, CutFlash::Last::torn, CutFlash::Last::torn_late}) {
    Board board;
    MemoryFlash flash = board.flash();
    Ratchet stored;
    for (std::uint32_t value = 1; value <= 600; ++value) {
      CAPTURE(value);
      const Ratchet wanted{value, stored.revoked_keys | 1u << value % 20};
      CutFlash cut(flash, 1 + value % 2, last);  // the write, or the erase before it
      RatchetLog dying(ratchet_area(cut, board.layout));
      const bool done = bool(dying.raise(wanted));
      const Ratchet after = *RatchetLog(ratchet_area(flash, board.layout)).read();
      CHECK((after == wanted || (!done && after == stored)));
      stored = after;
    }
    CHECK(stored.counter > 500);
  }
}

TEST_CASE("a device without a place for it keeps nothing") {
  Board board;
  board.layout.ratchet = {};
  MemoryFlash flash = board.flash();
  RatchetLog log(ratchet_area(flash, board.layout));
  CHECK(log.raise({7, 1}));
  CHECK(*log.read() == Ratchet{});
}
