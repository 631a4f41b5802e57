#include "device/boot/entry.hpp"

#include <doctest/doctest.h>

#include "device/boot/ratchet.hpp"
#include "device/boot/test_board.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using namespace lockstep::boot::testing;

namespace {

constexpr std::uint32_t header_size = 64;  // of make_image()

Result<std::uint32_t, Refusal> entry_of(Board& board, int slot) {
  MemoryFlash flash = board.flash();
  const mcuboot::PublicKey keys[] = {signing_key().public_key().mcuboot()};
  return entry(flash, board.layout, {.crypto = crypto(), .keys = keys}, slot);
}

Board board_with(const Buffer& image, int slot) {
  Board board(Mode::direct_xip);
  board.put(slot, image);
  return board;
}

}  // namespace

TEST_CASE("the code of an image that may run begins behind its header, in either slot") {
  for (const int slot : {0, 1}) {
    CAPTURE(slot);
    Board board = board_with(make_image({}), slot);
    const auto at = entry_of(board, slot);
    REQUIRE(at);
    CHECK(*at == (slot == 0 ? board.layout.slot0 : board.layout.slot1).offset + header_size);
    CHECK_FALSE(entry_of(board, 1 - slot));
  }
}

TEST_CASE("whatever was decided before, an image that must not run has no entry") {
  const PrivateKey stranger = *PrivateKey::generate();
  Board forged = board_with(make_image({.key = &stranger}), 0);
  CHECK(entry_of(forged, 0).error().why == mcuboot::Errc::unknown_key);

  Buffer damaged = make_image({});
  damaged[700] ^= std::byte{1};
  Board broken = board_with(damaged, 0);
  CHECK(entry_of(broken, 0).error().why == mcuboot::Errc::hash_mismatch);

  Board old = board_with(make_image({.security_counter = 1}), 0);
  MemoryFlash flash = old.flash();
  REQUIRE(RatchetLog(ratchet_area(flash, old.layout)).raise({.counter = 2}));
  CHECK(entry_of(old, 0).error().reason == Refusal::Reason::below_counter);
}
