// Images made by MCUboot's own tool (protocols/mcuboot/vectors) boot as those of our builder do.
#include <doctest/doctest.h>

#include "device/boot/test_board.hpp"
#include "host/base/files.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using namespace lockstep::boot::testing;

namespace {

constexpr std::array every_mode{Mode::swap, Mode::overwrite_only, Mode::direct_xip, Mode::ram_load};

Buffer by_imgtool(const char* name) {
  const auto file = read_file(std::string(LOCKSTEP_SOURCE_DIR "/protocols/mcuboot/vectors/") + name);
  REQUIRE_MESSAGE(file, name);
  return *file;
}

Result<BootReport, Errc> boot_trusting_both(Board& board) {
  const auto other = PublicKey::load(LOCKSTEP_SOURCE_DIR "/protocols/mcuboot/vectors/imgtool.pub.pem");
  REQUIRE(other);
  const std::array keys{signing_key().public_key().mcuboot(), other->mcuboot()};
  MemoryFlash flash = board.flash();
  return boot::boot(flash, board.layout, {.crypto = crypto(), .keys = keys});
}

}  // namespace

TEST_CASE("every image by imgtool that may run boots, in every mode") {
  for (const Mode mode : every_mode) {
    for (const char* name :
         {"plain.bin", "all-options.bin", "full.bin", "padded-signature.bin", "full-public-key.bin", "ram-load.bin"}) {
      CAPTURE(text(mode));
      CAPTURE(name);
      Board board(mode);
      board.put(0, by_imgtool(name));
      const auto report = boot_trusting_both(board);
      REQUIRE(report);
      CHECK(report->image.image_hash == hash_of(by_imgtool(name)));
      CHECK(report->confirmed);
    }
  }
}

TEST_CASE("an image by imgtool is tested and goes back, or is confirmed and stays") {
  for (const Mode mode : {Mode::swap, Mode::direct_xip}) {
    CAPTURE(text(mode));
    Board board(mode);
    board.put(0, make_image({.version = {1, 0, 0, 0}}));
    board.put(1, by_imgtool("all-options.bin"));  // 2.1.7
    board.request(SwapType::test);
    auto report = boot_trusting_both(board);
    REQUIRE(report);
    CHECK(report->action == Action::tested);
    CHECK(report->image.header.version == mcuboot::Version{2, 1, 7, 9});
    Board confirmed = board;
    MemoryFlash flash = confirmed.flash();
    REQUIRE(confirmed.trailer_of(flash, report->slot).write_image_ok());

    report = boot_trusting_both(board);
    REQUIRE(report);
    CHECK(report->image.header.version == mcuboot::Version{1, 0, 0, 0});
    report = boot_trusting_both(confirmed);
    REQUIRE(report);
    CHECK(report->image.header.version == mcuboot::Version{2, 1, 7, 9});
    confirmed.erase_slot(1 - report->slot);  // the way back, which has none
    report = boot_trusting_both(confirmed);
    REQUIRE(report);
    CHECK(report->ratchet.counter == 5);
  }
}

// `--pad --confirm` makes a whole slot of 1 KiB, trailer included, for a programmer to write.
TEST_CASE("a slot that imgtool padded and confirmed is put into use for good") {
  for (const Mode mode : {Mode::swap, Mode::overwrite_only, Mode::direct_xip}) {
    CAPTURE(text(mode));
    Board board(mode, 4, 256);
    const std::uint32_t slot1_size = mode == Mode::swap ? 5 * 256 : 4 * 256;
    board.layout.slot0 = {0, 4 * 256};
    board.layout.slot1 = {4 * 256, slot1_size};
    board.put(0, make_image({.version = {1, 0, 0, 0}, .payload_size = 200}));
    board.put(1, by_imgtool("padded-slot.bin"));
    CHECK(board.trailer(1).magic == Magic::good);
    CHECK(board.trailer(1).image_ok == Flag::set);
    for (const Action action : {Action::installed, Action::none}) {
      const auto report = boot_trusting_both(board);
      REQUIRE(report);
      CHECK(report->action == action);
      CHECK(report->image.header.version == mcuboot::Version{1, 2, 3, 0});
      CHECK(report->confirmed);
    }
  }
}

TEST_CASE("images by imgtool that may not run do not boot") {
  for (const Mode mode : every_mode) {
    for (const char* name : {"non-bootable.bin", "rsa2048.bin", "unsigned.bin", "sha512.bin"}) {
      CAPTURE(text(mode));
      CAPTURE(name);
      Board board(mode);
      board.put(0, by_imgtool(name));
      CHECK(boot_trusting_both(board).error() == Errc::no_valid_image);
    }
  }
}
