#include "device/boot/trailer.hpp"

#include <doctest/doctest.h>

#include "device/boot/test_board.hpp"
#include "host/base/text.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using boot::testing::Board;

namespace {

std::string hex(const Buffer& memory, std::size_t offset, std::size_t size) {
  return to_hex(Bytes(memory).subspan(offset, size));
}

}  // namespace

// Field order, values and magics: MCUboot docs/design.md, "Image trailer", with swap using offset; the offsets are
// those of boot/bootutil/src/bootutil_misc.h for BOOT_MAX_ALIGN 8.
TEST_CASE("a trailer has every field where MCUboot has it") {
  Board board;
  MemoryFlash flash = board.flash();
  Trailer t = board.trailer_of(flash, 0);
  REQUIRE(t.write_swap_info(SwapType::test));
  REQUIRE(t.write_swap_size(0x01020304));
  REQUIRE(t.write_tlv_sizes(0x0111, 0x0222));
  REQUIRE(t.write_magic());
  REQUIRE(t.write_step(0));
  REQUIRE(t.write_step(1));
  REQUIRE(t.write_step(2));
  REQUIRE(t.write_copy_done());
  REQUIRE(t.write_image_ok());

  const std::uint32_t end = board.layout.slot0.size;
  CHECK(hex(board.memory, end - 16, 16) == "77c295f360d2ef7f3552500f2cb67980");
  CHECK(hex(board.memory, end - 24, 8) == "01ffffffffffffff");  // image ok
  CHECK(hex(board.memory, end - 32, 8) == "01ffffffffffffff");  // copy done
  CHECK(hex(board.memory, end - 40, 8) == "02ffffffffffffff");  // swap info
  CHECK(hex(board.memory, end - 48, 8) == "11012202ffffffff");  // unprotected TLV sizes: slot 0 in the low half
  CHECK(hex(board.memory, end - 56, 8) == "04030201ffffffff");  // swap size
  CHECK(hex(board.memory, end - 56 - 7 * 2 * 4, 16) == "01ffffff02ffffff01ffffffffffffff");  // swap status
  CHECK(trailer_size(board.geometry, 7) == 56 + 7 * 2 * 4);
}

TEST_CASE("with a larger write alignment the alignment is part of the magic") {
  Board board(Mode::swap, 32);
  MemoryFlash flash = board.flash();
  Trailer t = board.trailer_of(flash, 0);
  REQUIRE(t.write_magic());
  REQUIRE(t.write_image_ok());
  const std::uint32_t end = board.layout.slot0.size;
  CHECK(hex(board.memory, end - 16, 16) == "20002de15d29410b8d77679c110f1f8a");
  CHECK(hex(board.memory, end - 32, 16) == "ffffffffffffffffffffffffffffffff");
  CHECK(hex(board.memory, end - 64, 1) == "01");
}

TEST_CASE("a trailer reads back what was written, for every write alignment") {
  for (const std::uint32_t align : {1u, 2u, 4u, 8u, 16u, 32u}) {
    CAPTURE(align);
    Board board(Mode::swap, align);
    MemoryFlash flash = board.flash();
    Trailer t = board.trailer_of(flash, 1);
    CHECK(*t.read() == TrailerState{});
    REQUIRE(t.write_swap_info(SwapType::revert));
    REQUIRE(t.write_swap_size(2500));
    REQUIRE(t.write_magic());
    REQUIRE(t.write_step(0));
    CHECK(*t.read() == TrailerState{.magic = Magic::good, .swap_type = SwapType::revert});
    CHECK(t.read_progress()->steps == 1);
    CHECK(t.read_progress()->swap_size == 2500);
    REQUIRE(t.write_copy_done());
    REQUIRE(t.write_image_ok());
    CHECK(t.read()->copy_done == Flag::set);
    CHECK(t.read()->image_ok == Flag::set);
    REQUIRE(t.erase());
    CHECK(*t.read() == TrailerState{});
    CHECK(std::all_of(board.memory.begin(), board.memory.end(), [](std::byte b) { return b == erased_byte; }));
  }
}

TEST_CASE("flags and magics that are neither erased nor right are told apart") {
  Board board;
  const std::uint32_t end = board.layout.slot0.size;
  board.memory[end - 1] = std::byte{0x00};
  board.memory[end - 24] = std::byte{0x03};
  board.memory[end - 40] = std::byte{0x09};  // no known swap type
  const TrailerState state = board.trailer(0);
  CHECK(state.magic == Magic::bad);
  CHECK(state.image_ok == Flag::bad);
  CHECK(state.copy_done == Flag::unset);
  CHECK(state.swap_type == SwapType::none);
}
