#include "device/boot/boot.hpp"

#include <doctest/doctest.h>

#include "device/boot/test_board.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using namespace lockstep::boot::testing;

namespace {

constexpr mcuboot::Version v1{1, 0, 0, 0};
constexpr mcuboot::Version v2{2, 0, 0, 0};

const Buffer& image1() {
  static const Buffer image = make_image({.version = v1, .payload_size = 2500});
  return image;
}
const Buffer& image2() {
  static const Buffer image = make_image({.version = v2, .payload_size = 3700});
  return image;
}

// Runs 1.0, has 2.0 in slot 1, and was asked for it.
Board updating(SwapType type, Mode mode = Mode::swap) {
  Board board(mode);
  board.put(0, image1());
  board.put(1, image2());
  board.request(type);
  return board;
}

mcuboot::Version running(Board& board) {
  const auto report = board.boot();
  REQUIRE(report);
  return report->image.header.version;
}

}  // namespace

TEST_CASE("a device with nothing to do boots slot 0 and writes nothing") {
  Board board;
  board.put(0, image1());
  board.put(1, image2());  // uploaded, not asked for
  const Buffer before = board.memory;
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->slot == 0);
  CHECK(report->image.image_hash == hash_of(image1()));
  CHECK(report->action == Action::none);
  CHECK(report->confirmed);
  CHECK(board.memory == before);
}

TEST_CASE("an image asked for a test runs, and stays once it is confirmed") {
  Board board = updating(SwapType::test);
  auto report = board.boot();
  REQUIRE(report);
  CHECK(report->action == Action::tested);
  CHECK(report->image.header.version == v2);
  CHECK_FALSE(report->confirmed);
  board.confirm();
  report = board.boot();
  REQUIRE(report);
  CHECK(report->image.header.version == v2);
  CHECK(report->action == Action::none);
  CHECK(report->confirmed);
}

TEST_CASE("an image on test that nobody confirms is reverted at the next boot, for good") {
  Board board = updating(SwapType::test);
  REQUIRE(running(board) == v2);
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->action == Action::reverted);
  CHECK(report->image.image_hash == hash_of(image1()));
  CHECK(report->confirmed);
  CHECK(running(board) == v1);
}

TEST_CASE("after a test boot and after a revert the trailers say what MCUboot's would") {
  Board board = updating(SwapType::test);
  REQUIRE(board.boot());
  CHECK(board.trailer(0) ==
        TrailerState{.magic = Magic::good, .copy_done = Flag::set, .swap_type = SwapType::test});
  CHECK(board.trailer(1) == TrailerState{});
  REQUIRE(board.boot());
  CHECK(board.trailer(0) == TrailerState{.magic = Magic::good,
                                         .image_ok = Flag::set,
                                         .copy_done = Flag::set,
                                         .swap_type = SwapType::revert});
  CHECK(board.trailer(1) == TrailerState{});
}

TEST_CASE("after a revert the refused image can be asked for again without an upload") {
  Board board = updating(SwapType::test);
  REQUIRE(running(board) == v2);
  REQUIRE(running(board) == v1);
  board.request(SwapType::test);
  CHECK(running(board) == v2);
}

TEST_CASE("an image asked for good is confirmed at once") {
  Board board = updating(SwapType::perm);
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->action == Action::installed);
  CHECK(report->confirmed);
  CHECK(running(board) == v2);
}

TEST_CASE("many updates one after the other work, each way round") {
  Board board = updating(SwapType::test);
  for (int round = 0; round < 6; ++round) {
    CAPTURE(round);
    const bool to_2 = round % 2 == 0;
    CHECK(running(board) == (to_2 ? v2 : v1));
    board.confirm();
    MemoryFlash flash = board.flash();
    FlashArea slot1 = slot_area(flash, board.layout, 1);
    REQUIRE(slot1.erase_range(0, slot1.size()));
    board.put(1, to_2 ? image1() : image2());
    board.request(SwapType::test);
  }
}

TEST_CASE("overwrite-only installs the image and forgets the old one") {
  Board board = updating(SwapType::test, Mode::overwrite_only);
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->action == Action::installed);
  CHECK(report->confirmed);
  CHECK(report->image.header.version == v2);
  CHECK(board.trailer(1) == TrailerState{});
  CHECK(running(board) == v2);
}

TEST_CASE("ram-load runs the newest image that verifies, from where it lies") {
  Board board(Mode::ram_load);
  board.put(0, image1());
  board.put(1, image2());
  auto report = board.boot();
  REQUIRE(report);
  CHECK(report->slot == 1);
  board.memory[board.layout.slot1.offset + 700] ^= std::byte{1};
  report = board.boot();
  REQUIRE(report);
  CHECK(report->slot == 0);
  CHECK(report->refusal->why == mcuboot::Errc::hash_mismatch);
}

TEST_CASE("an image that does not verify is refused and erased, and the old one goes on") {
  const PrivateKey stranger = *PrivateKey::generate();
  struct Case {
    const char* name;
    Buffer image;
    mcuboot::Errc why;
  };
  Buffer damaged = image2();
  damaged[1000] ^= std::byte{0x10};
  Buffer unsigned_image = make_image({.version = v2});
  const std::array cases{
      Case{"damaged", damaged, mcuboot::Errc::hash_mismatch},
      Case{"by a stranger", make_image({.version = v2, .key = &stranger}), mcuboot::Errc::unknown_key},
      Case{"no image", Buffer(600, std::byte{0x5a}), mcuboot::Errc::bad_magic},
  };
  for (const Mode mode : {Mode::swap, Mode::overwrite_only}) {
    for (const Case& c : cases) {
      CAPTURE(c.name);
      Board board(mode);
      board.put(0, image1());
      board.put(1, c.image);
      board.request(SwapType::test);
      const auto report = board.boot();
      REQUIRE(report);
      CHECK(report->action == Action::refused);
      REQUIRE(report->refusal);
      CHECK(report->refusal->why == c.why);
      CHECK(report->image.header.version == v1);
      CHECK(board.trailer(1) == TrailerState{});
      const auto again = board.boot();
      REQUIRE(again);
      CHECK(again->action == Action::none);
    }
  }
}

TEST_CASE("any of several accepted keys may have signed") {
  const PrivateKey second = *PrivateKey::generate();
  Board board;
  board.put(0, make_image({.version = v1, .key = &second}));
  const mcuboot::PublicKey keys[] = {signing_key().public_key().mcuboot(), second.public_key().mcuboot()};
  MemoryFlash flash = board.flash();
  CHECK(boot::boot(flash, board.layout, {.crypto = crypto(), .keys = keys}));
  CHECK(boot::boot(flash, board.layout, {.crypto = crypto(), .keys = std::span(keys).first(1)}).error() ==
        Errc::no_valid_image);
}

TEST_CASE("a device without any valid image stays in the bootloader") {
  Board empty;
  CHECK(empty.boot().error() == Errc::no_valid_image);
  Board damaged;
  damaged.put(0, image1());
  damaged.memory[300] ^= std::byte{1};
  CHECK(damaged.boot().error() == Errc::no_valid_image);
}

TEST_CASE("when the image put into use is damaged in slot 0, the old one comes back in the same boot") {
  Board board = updating(SwapType::test);
  REQUIRE(running(board) == v2);
  board.memory[400] ^= std::byte{1};
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->image.header.version == v1);
}

TEST_CASE("when the way back is gone, the image on test is kept instead of nothing") {
  Board board = updating(SwapType::test);
  REQUIRE(running(board) == v2);
  board.memory[board.layout.slot1.offset + 500] ^= std::byte{1};
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->action == Action::refused);
  CHECK(report->image.header.version == v2);
  CHECK(report->confirmed);
}

TEST_CASE("the security counter keeps old images out, but only after the new one is confirmed") {
  const Buffer counted1 = make_image({.version = v1, .security_counter = 1});
  const Buffer counted2 = make_image({.version = v2, .security_counter = 2});
  Board board;
  board.put(0, counted1);
  board.put(1, counted2);
  board.request(SwapType::test);

  SUBCASE("a test boot does not raise it, so the revert works") {
    auto report = board.boot();
    REQUIRE(report);
    CHECK(report->ratchet.counter == 0);
    report = board.boot();
    REQUIRE(report);
    CHECK(report->action == Action::reverted);
    CHECK(report->ratchet.counter == 1);
  }
  SUBCASE("while the older image is in the other slot, it only rises so far that this one could come back") {
    REQUIRE(board.boot());
    board.confirm();
    CHECK(board.boot()->ratchet.counter == 1);
  }
  SUBCASE("once confirmed and without a way back, older images are refused, whatever their version") {
    REQUIRE(board.boot());
    board.confirm();
    board.erase_slot(1);
    REQUIRE(board.boot()->ratchet.counter == 2);
    for (const auto& counter : {std::optional<std::uint32_t>(1), std::optional<std::uint32_t>()}) {
      board.erase_slot(1);
      board.put(1, make_image({.version = {9, 9, 9, 9}, .security_counter = counter}));
      board.request(SwapType::test);
      const auto report = board.boot();
      REQUIRE(report);
      CHECK(report->action == Action::refused);
      CHECK(report->refusal->reason == Refusal::Reason::below_counter);
      CHECK(report->image.image_hash == hash_of(counted2));
    }
  }
}

// Programs and erases of the counter fail, as those of worn-out sectors do.
class WornCounter final : public Flash {
 public:
  WornCounter(Board& board) : Flash(board.geometry), counter_(board.layout.ratchet), inner_(board.flash()) {}
  Result<void, FlashErrc> read(std::uint32_t address, MutableBytes into) override { return inner_.read(address, into); }
  Result<void, FlashErrc> program(std::uint32_t address, Bytes bytes) override {
    if (is_worn(address)) return Fail(FlashErrc::io);
    return inner_.program(address, bytes);
  }
  Result<void, FlashErrc> erase(std::uint32_t address) override {
    if (is_worn(address)) return Fail(FlashErrc::io);
    return inner_.erase(address);
  }

 private:
  bool is_worn(std::uint32_t address) const { return address - counter_.offset < counter_.size; }
  Region counter_;
  MemoryFlash inner_;
};

TEST_CASE("a good image runs also when its security counter cannot be stored") {
  Board board;
  board.put(0, make_image({.version = v1, .security_counter = 3}));
  WornCounter flash(board);
  const auto report = board.boot_on(flash);
  REQUIRE(report);
  CHECK(report->confirmed);
  CHECK(report->ratchet.counter == 0);
}

TEST_CASE("images up to the last byte before the trailer are swapped; a larger one is refused") {
  Board board;
  const std::uint32_t limit = max_image_size(board.layout, board.geometry);
  CHECK(limit == 6 * 1024);
  const std::size_t overhead = image1().size() - 2500;
  // DER signatures differ in length by a byte or two.
  const Buffer largest = make_image({.version = v2, .payload_size = limit - overhead - 4});
  REQUIRE(largest.size() <= limit);
  board.put(0, image1());
  board.put(1, largest);
  board.request(SwapType::test);
  CHECK(running(board) == v2);
  CHECK(running(board) == v1);

  Board other;
  other.put(0, image1());
  other.put(1, make_image({.version = v2, .payload_size = limit - overhead + 4}));
  other.request(SwapType::test);
  const auto report = other.boot();
  REQUIRE(report);
  CHECK(report->refusal->why == mcuboot::Errc::too_large);
  CHECK(report->image.header.version == v1);
}

TEST_CASE("equal slots work too, with a sector less for the image") {
  Board board;
  board.layout.slot1.size = board.layout.slot0.size;
  CHECK(max_image_size(board.layout, board.geometry) == 5 * 1024);
  board.put(0, image1());
  board.put(1, image2());
  board.request(SwapType::test);
  CHECK(running(board) == v2);
  CHECK(running(board) == v1);
}

TEST_CASE("a layout that does not fit the flash is refused before anything is touched") {
  for (int i = 0; i < 6; ++i) {
    CAPTURE(i);
    Board board;
    board.put(0, image1());
    if (i == 0) board.layout.slot1.offset = board.layout.slot0.offset;
    if (i == 1) board.layout.slot0.size += 1;
    if (i == 2) board.layout.slot1.size = board.geometry.size;
    if (i == 3) board.layout.ratchet.size = board.geometry.sector_size;
    if (i == 4) board.layout.slot0.size = board.geometry.sector_size;
    if (i == 5) board.geometry.write_align = 3;
    const Buffer before = board.memory;
    CHECK(board.boot().error() == Errc::bad_layout);
    CHECK(board.memory == before);
  }
}
