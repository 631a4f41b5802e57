// Mode direct_xip: each image runs from its own slot.
#include <doctest/doctest.h>

#include "device/boot/test_board.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using namespace lockstep::boot::testing;

namespace {

const Buffer& image1() {
  static const Buffer image = make_image({.version = {1, 0, 0, 0}, .payload_size = 2500, .security_counter = 1});
  return image;
}
const Buffer& image2() {
  static const Buffer image = make_image({.version = {2, 0, 0, 0}, .payload_size = 3700, .security_counter = 2});
  return image;
}

// Slot 0 holds 1.0 as a factory left it, without a trailer; slot 1 holds 2.0, asked for.
Board updating(SwapType type) {
  Board board(Mode::direct_xip);
  board.put(0, image1());
  board.put(1, image2());
  board.request(type);
  return board;
}

void confirm(Board& board, int slot) {
  MemoryFlash flash = board.flash();
  REQUIRE(board.trailer_of(flash, slot).write_image_ok());
}

BootReport boots(Board& board) {
  const auto report = board.boot();
  REQUIRE(report);
  return *report;
}

}  // namespace

TEST_CASE("an image from the factory runs without a trailer, and an upload that nobody marked does not") {
  Board board(Mode::direct_xip);
  board.put(0, image1());
  board.put(1, image2());
  boots(board);  // raises the counter
  const Buffer before = board.memory;
  const BootReport report = boots(board);
  CHECK(report.slot == 0);
  CHECK(report.confirmed);
  CHECK(report.action == Action::none);
  CHECK(board.memory == before);
}

TEST_CASE("a marked image runs once where it lies, and stays when it is confirmed") {
  Board board = updating(SwapType::test);
  BootReport report = boots(board);
  CHECK(report.slot == 1);
  CHECK(report.action == Action::tested);
  CHECK_FALSE(report.confirmed);
  CHECK(report.ratchet.counter == 0);  // the way back stays open
  confirm(board, 1);
  report = boots(board);
  CHECK(report.slot == 1);
  CHECK(report.confirmed);
  CHECK(report.action == Action::none);
  CHECK(report.ratchet.counter == 1);  // and still does
  board.erase_slot(0);
  CHECK(boots(board).ratchet.counter == 2);
}

TEST_CASE("an image that nobody confirmed is erased at the next boot, and the other one runs") {
  Board board = updating(SwapType::test);
  REQUIRE(boots(board).slot == 1);
  BootReport report = boots(board);
  CHECK(report.slot == 0);
  CHECK(report.action == Action::reverted);
  CHECK(report.confirmed);
  MemoryFlash flash = board.flash();
  FlashArea slot1 = slot_area(flash, board.layout, 1);
  CHECK(*slot1.is_erased(0, board.geometry.sector_size));
  CHECK(board.trailer(1) == TrailerState{});
  report = boots(board);
  CHECK(report.slot == 0);
  CHECK(report.action == Action::none);
}

TEST_CASE("the last image that may run is kept even when its trial failed") {
  Board board = updating(SwapType::test);
  REQUIRE(boots(board).slot == 1);
  board.memory[700] ^= std::byte{1};  // meanwhile slot 0 has rotted
  const BootReport report = boots(board);
  CHECK(report.slot == 1);
  CHECK_FALSE(report.confirmed);
  CHECK(report.refusal->why == mcuboot::Errc::hash_mismatch);
  CHECK(boots(board).slot == 1);
}

TEST_CASE("a marked image that does not verify is erased and named") {
  Board board = updating(SwapType::perm);
  board.memory[board.layout.slot1.offset + 700] ^= std::byte{1};
  const BootReport report = boots(board);
  CHECK(report.slot == 0);
  CHECK(report.action == Action::refused);
  CHECK(report.refusal->why == mcuboot::Errc::hash_mismatch);
  CHECK(boots(board).action == Action::none);
}

TEST_CASE("of two confirmed images the newer runs; of two alike the one in slot 0, whatever their hash") {
  Board board = updating(SwapType::perm);
  BootReport report = boots(board);
  CHECK(report.slot == 1);
  CHECK(report.action == Action::installed);
  CHECK(report.confirmed);
  report = boots(board);
  CHECK(report.slot == 1);
  CHECK(report.action == Action::none);
  Board alike(Mode::direct_xip);
  alike.put(0, image2());
  alike.put(1, make_image({.version = {2, 0, 0, 0}, .payload_size = 1234, .security_counter = 2}));
  confirm(alike, 1);
  alike.request(SwapType::perm);
  MemoryFlash flash = alike.flash();
  REQUIRE(alike.trailer_of(flash, 0).write_image_ok());
  REQUIRE(alike.trailer_of(flash, 0).write_magic());
  CHECK(boots(alike).slot == 0);
}

TEST_CASE("updates go to and fro between the slots") {
  Board board = updating(SwapType::test);
  REQUIRE(boots(board).slot == 1);
  confirm(board, 1);
  REQUIRE(boots(board).confirmed);
  MemoryFlash flash = board.flash();
  FlashArea slot0 = slot_area(flash, board.layout, 0);
  REQUIRE(slot0.erase_range(0, slot0.size()));
  board.put(0, make_image({.version = {3, 0, 0, 0}, .security_counter = 2}));
  REQUIRE(board.trailer_of(flash, 0).write_magic());
  CHECK(boots(board).slot == 0);
  CHECK(boots(board).slot == 1);  // not confirmed
}
