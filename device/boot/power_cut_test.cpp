// Cuts the power at every flash operation of a whole update, of a whole revert and of a whole installation, and boots
// again: there is always a verified image, and the work is finished.
#include <doctest/doctest.h>

#include <functional>

#include "device/boot/test_board.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using namespace lockstep::boot::testing;

namespace {

constexpr mcuboot::Version v1{1, 0, 0, 0};
constexpr mcuboot::Version v2{2, 0, 0, 0};

const Buffer& image1() {
  static const Buffer image = make_image({.version = v1, .payload_size = 2500, .security_counter = 1});
  return image;
}
const Buffer& image2() {
  static const Buffer image = make_image({.version = v2, .payload_size = 3700, .security_counter = 2});
  return image;
}

Board asked(SwapType type, Mode mode, std::uint32_t align) {
  Board board(mode, align);
  board.put(0, image1());
  board.put(1, image2());
  board.request(type);
  return board;
}

// The flash operations of one boot of a copy.
std::uint32_t operations_of_boot(Board board) {
  MemoryFlash flash = board.flash();
  CutFlash counting(flash);
  REQUIRE(board.boot_on(counting));
  return counting.operations();
}

// Boots copies of `start`, each dying at another operation, and hands each dead board to `then`.
void cut_everywhere(const Board& start, const std::function<void(Board&)>& then) {
  const std::uint32_t total = operations_of_boot(start);
  REQUIRE(total > 0);
  for (const auto last : {CutFlash::Last::skipped, CutFlash::Last::torn, CutFlash::Last::torn_late}) {
    for (std::uint32_t at = 1; at <= total; ++at) {
      CAPTURE(at);
      CAPTURE(total);
      CAPTURE(static_cast<int>(last));
      Board board = start;
      MemoryFlash flash = board.flash();
      CutFlash cut(flash, at, last);
      (void)board.boot_on(cut);  // what a dead processor would have said does not count
      CHECK(cut.is_cut());
      then(board);
    }
  }
}

BootReport boots(Board& board) {
  const auto report = board.boot();
  REQUIRE(report);
  return *report;
}

}  // namespace

TEST_CASE("a test update survives a cut at every flash operation, and can be confirmed or reverted") {
  for (const std::uint32_t align : {4u, 8u, 32u}) {
    CAPTURE(align);
    cut_everywhere(asked(SwapType::test, Mode::swap, align), [](Board& board) {
      const BootReport report = boots(board);
      CHECK(report.image.image_hash == hash_of(image2()));
      CHECK_FALSE(report.confirmed);
      CHECK(report.ratchet.counter == 0);

      Board unconfirmed = board;
      CHECK(boots(unconfirmed).image.image_hash == hash_of(image1()));
      CHECK(boots(unconfirmed).image.image_hash == hash_of(image1()));

      board.confirm();
      CHECK(boots(board).image.image_hash == hash_of(image2()));
      CHECK(boots(board).ratchet.counter == 1);  // no higher than the way back
      board.erase_slot(1);
      CHECK(boots(board).ratchet.counter == 2);
    });
  }
}

TEST_CASE("the second update survives it as the first one did, and so does its revert") {
  Board board = asked(SwapType::test, Mode::swap, 8);
  REQUIRE_FALSE(boots(board).confirmed);
  board.confirm();
  REQUIRE(boots(board).confirmed);
  const Buffer image3 = make_image({.version = {3, 0, 0, 0}, .payload_size = 1200, .security_counter = 2});
  MemoryFlash flash = board.flash();
  FlashArea slot1 = slot_area(flash, board.layout, 1);
  REQUIRE(slot1.erase_range(0, slot1.size()));
  board.put(1, image3);
  board.request(SwapType::test);
  cut_everywhere(board, [&](Board& cut) {
    CHECK(boots(cut).image.image_hash == hash_of(image3));
    CHECK(boots(cut).image.image_hash == hash_of(image2()));
  });
  REQUIRE_FALSE(boots(board).confirmed);
  cut_everywhere(board, [](Board& cut) {
    CHECK(boots(cut).image.image_hash == hash_of(image2()));
    CHECK(boots(cut).confirmed);
  });
}

TEST_CASE("a revert survives a cut at every flash operation") {
  for (const std::uint32_t align : {4u, 8u, 32u}) {
    CAPTURE(align);
    Board on_test = asked(SwapType::test, Mode::swap, align);
    REQUIRE_FALSE(boots(on_test).confirmed);
    cut_everywhere(on_test, [](Board& board) {
      const BootReport report = boots(board);
      CHECK(report.image.image_hash == hash_of(image1()));
      CHECK(report.confirmed);
      CHECK(boots(board).action == Action::none);
      // And the device can be updated again.
      MemoryFlash flash = board.flash();
      FlashArea slot1 = slot_area(flash, board.layout, 1);
      REQUIRE(slot1.erase_range(0, slot1.size()));
      board.put(1, image2());
      board.request(SwapType::test);
      CHECK(boots(board).image.image_hash == hash_of(image2()));
    });
  }
}

TEST_CASE("a permanent update survives a cut at every flash operation") {
  cut_everywhere(asked(SwapType::perm, Mode::swap, 8), [](Board& board) {
    const BootReport report = boots(board);
    CHECK(report.image.image_hash == hash_of(image2()));
    CHECK(report.confirmed);
    CHECK(boots(board).image.image_hash == hash_of(image2()));
  });
}

TEST_CASE("an overwrite survives a cut at every flash operation") {
  cut_everywhere(asked(SwapType::test, Mode::overwrite_only, 8), [](Board& board) {
    CHECK(boots(board).image.image_hash == hash_of(image2()));
    CHECK(boots(board).action == Action::none);
  });
}

TEST_CASE("refusing an image survives a cut at every flash operation") {
  Board board(Mode::swap);
  Buffer damaged = image2();
  damaged[900] ^= std::byte{1};
  board.put(0, image1());
  board.put(1, damaged);
  board.request(SwapType::test);
  cut_everywhere(board, [](Board& cut) {
    CHECK(boots(cut).image.image_hash == hash_of(image1()));
    CHECK(boots(cut).action == Action::none);
    CHECK(cut.trailer(1).magic == Magic::unset);
  });
}

TEST_CASE("a second cut in the boot after the first changes nothing about that") {
  for (const bool revert : {false, true}) {
    CAPTURE(revert);
    Board start = asked(SwapType::test, Mode::swap, 8);
    if (revert) REQUIRE_FALSE(boots(start).confirmed);
    const Buffer& expected = revert ? image1() : image2();
    const std::uint32_t total = operations_of_boot(start);
    for (std::uint32_t first = 1; first <= total; first += 3) {
      Board once = start;
      MemoryFlash flash = once.flash();
      CutFlash cut(flash, first, CutFlash::Last::torn_late);
      (void)once.boot_on(cut);
      REQUIRE(cut.is_cut());
      const std::uint32_t rest = operations_of_boot(once);
      for (std::uint32_t second = 1; second <= rest; second += 3) {
        CAPTURE(first);
        CAPTURE(second);
        Board twice = once;
        MemoryFlash flash2 = twice.flash();
        CutFlash cut2(flash2, second, CutFlash::Last::torn);
        (void)twice.boot_on(cut2);
        CHECK(cut2.is_cut());
        CHECK(boots(twice).image.image_hash == hash_of(expected));
      }
    }
  }
}
