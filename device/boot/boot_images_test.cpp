// Devices of two and three images: tried together, kept and reverted one by one, whatever cuts the power.
#include "device/boot/boot_images.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "device/boot/test_board.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using namespace lockstep::boot::testing;

namespace {

// Version `generation`.`image`, so that each image of each generation is another one.
const Buffer& image_of(std::uint8_t generation, std::uint8_t image) {
  static std::map<std::pair<int, int>, Buffer> made;
  Buffer& known = made[{generation, image}];
  if (known.empty()) {
    known = make_image({.version = {generation, image, 0, 0}, .payload_size = 1400u + 900u * image + 300u * generation});
  }
  return known;
}

// All of generation 1, with generation 2 asked for in each image of `asked`.
Board board_of(std::uint8_t images, std::initializer_list<std::uint8_t> asked) {
  Board board(Mode::swap, 8, 1024, images);
  for (std::uint8_t image = 0; image < images; ++image) board.put(0, image_of(1, image), image);
  for (const std::uint8_t image : asked) {
    board.put(1, image_of(2, image), image);
    board.request(SwapType::test, image);
  }
  return board;
}

// "2 2" when both images run in generation 2, "2c 1" when the first is confirmed besides, "-" for what does not run.
std::string state_of(Board& board) {
  std::string text;
  const auto reports = board.boot_all();
  for (std::size_t image = 0; image < board.layouts.size(); ++image) {
    if (image > 0) text += ' ';
    if (image >= reports.size()) {
      text += '-';
      continue;
    }
    text += std::to_string(reports[image].image.header.version.major);
    if (reports[image].confirmed) text += 'c';
    CHECK(reports[image].image.header.version.minor == image);
  }
  return text;
}

std::uint32_t operations_of_boot(Board board) {
  MemoryFlash flash = board.flash();
  CutFlash counting(flash);
  REQUIRE(board.boot_all_on(counting).size() == board.layouts.size());
  return counting.operations();
}

constexpr auto all_ways = {CutFlash::Last::skipped, CutFlash::Last::torn, CutFlash::Last::torn_late};

// Boots copies of `start`, each dying at another operation, and hands each dead board to `then`.
void cut_everywhere(const Board& start, const std::function<void(Board&)>& then) {
  const std::uint32_t total = operations_of_boot(start);
  REQUIRE(total > 0);
  for (const auto last : all_ways) {
    for (std::uint32_t at = 1; at <= total; ++at) {
      CAPTURE(at);
      CAPTURE(total);
      CAPTURE(static_cast<int>(last));
      Board board = start;
      MemoryFlash flash = board.flash();
      CutFlash cut(flash, at, last);
      (void)board.boot_all_on(cut);
      CHECK(cut.is_cut());
      then(board);
    }
  }
}

}  // namespace

TEST_CASE("images asked for before one reset are tried together and reverted together") {
  Board board = board_of(2, {0, 1});
  CHECK(state_of(board) == "2 2");
  CHECK(state_of(board) == "1c 1c");
  CHECK(state_of(board) == "1c 1c");
}

TEST_CASE("each image is confirmed on its own: the one that is stays, the other one is reverted alone") {
  for (const std::size_t kept : {0u, 1u}) {
    CAPTURE(kept);
    Board board = board_of(2, {0, 1});
    REQUIRE(state_of(board) == "2 2");
    board.confirm(kept);
    const char* const expected = kept == 0 ? "2c 1c" : "1c 2c";
    CHECK(state_of(board) == expected);
    CHECK(state_of(board) == expected);
  }
}

TEST_CASE("an image that nobody asked about is left alone") {
  Board board = board_of(3, {1});
  CHECK(state_of(board) == "1c 2 1c");
  board.confirm(1);
  CHECK(state_of(board) == "1c 2c 1c");
}

TEST_CASE("a refused image does not keep the others from being tried") {
  Board board = board_of(2, {0});
  Buffer damaged = image_of(2, 1);
  damaged[900] ^= std::byte{1};
  board.put(1, damaged, 1);
  board.request(SwapType::test, 1);
  const auto reports = board.boot_all();
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].action == Action::tested);
  CHECK(reports[1].action == Action::refused);
  CHECK(state_of(board) == "1c 1c");
}

TEST_CASE("a device of which one image may not run does not start") {
  Board board = board_of(2, {});
  board.memory[board.layouts[1].slot0.offset + 700] ^= std::byte{1};
  CHECK(state_of(board) == "1c -");
}

TEST_CASE("each image has its own security counter") {
  Board board(Mode::swap, 8, 1024, 2);
  board.put(0, make_image({.security_counter = 7}), 0);
  board.put(0, make_image({.security_counter = 3}), 1);
  const auto reports = board.boot_all();
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].ratchet.counter == 7);
  CHECK(reports[1].ratchet.counter == 3);
}

TEST_CASE("a power cut at any flash operation of a boot that tries several images ends with all of them on test") {
  for (const int images : {2, 3}) {
    CAPTURE(images);
    const Board start = images == 2 ? board_of(2, {0, 1}) : board_of(3, {0, 2});
    const std::string on_test = images == 2 ? "2 2" : "2 1c 2";
    const std::string old = images == 2 ? "1c 1c" : "1c 1c 1c";
    cut_everywhere(start, [&](Board& board) {
      CHECK(state_of(board) == on_test);
      CHECK(state_of(board) == old);
    });
  }
}

TEST_CASE("a second cut in the boot after the first changes nothing about that") {
  const Board start = board_of(2, {0, 1});
  const std::uint32_t total = operations_of_boot(start);
  for (std::uint32_t first = 1; first <= total; first += 3) {
    Board once = start;
    MemoryFlash flash = once.flash();
    CutFlash cut(flash, first, CutFlash::Last::torn_late);
    (void)once.boot_all_on(cut);
    const std::uint32_t rest = operations_of_boot(once);
    for (std::uint32_t second = 1; second <= rest; second += 3) {
      CAPTURE(first);
      CAPTURE(second);
      Board twice = once;
      MemoryFlash flash2 = twice.flash();
      CutFlash cut2(flash2, second, CutFlash::Last::torn);
      (void)twice.boot_all_on(cut2);
      CHECK(state_of(twice) == "2 2");
    }
  }
}

TEST_CASE("a power cut at any flash operation of a boot that reverts ends with the old images") {
  Board both = board_of(2, {0, 1});
  REQUIRE(state_of(both) == "2 2");
  cut_everywhere(both, [](Board& board) {
    CHECK(state_of(board) == "1c 1c");
    CHECK(state_of(board) == "1c 1c");
  });
  for (const std::size_t kept : {0u, 1u}) {
    CAPTURE(kept);
    Board one = board_of(2, {0, 1});
    REQUIRE(state_of(one) == "2 2");
    one.confirm(kept);
    cut_everywhere(one, [&](Board& board) { CHECK(state_of(board) == (kept == 0 ? "2c 1c" : "1c 2c")); });
  }
}

TEST_CASE("an image that rots while it waits for the others is reverted") {
  Board board = board_of(2, {0, 1});
  MemoryFlash flash = board.flash();
  CutFlash cut(flash, operations_of_boot(board), CutFlash::Last::skipped);  // image 1 is all but done
  (void)board.boot_all_on(cut);
  board.memory[board.layouts[0].slot0.offset + 900] &= std::byte{0};
  CHECK(state_of(board) == "1c 2");
}
