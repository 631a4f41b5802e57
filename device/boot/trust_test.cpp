// Whose images a device takes: keys that are revoked, and images for other devices.
#include <doctest/doctest.h>

#include "device/boot/entry.hpp"
#include "device/boot/test_board.hpp"

using namespace lockstep;
using namespace lockstep::boot;
using namespace lockstep::boot::testing;

namespace {

constexpr Mode modes_with_slot0[] = {Mode::swap, Mode::overwrite_only, Mode::direct_xip, Mode::ram_load};

const PrivateKey& old_key() { return signing_key(); }
const PrivateKey& new_key() {
  static const PrivateKey key = *PrivateKey::generate();
  return key;
}

mcuboot::Digest hash(const PrivateKey& key) { return key.public_key().mcuboot().hash; }

// A board that trusts the old key and the new one, in this order.
struct TwoKeys : Board {
  using Board::Board;

  Result<BootReport, Errc> boot() {
    MemoryFlash f = flash();
    return boot::boot(f, layout, trust());
  }
  Result<std::uint32_t, Refusal> entry(int slot) {
    MemoryFlash f = flash();
    return boot::entry(f, layout, trust(), slot);
  }
  Trust trust() { return {.crypto = crypto(), .keys = keys, .vendor = vendor, .device_class = device_class}; }

  std::array<mcuboot::PublicKey, 2> keys{old_key().public_key().mcuboot(), new_key().public_key().mcuboot()};
  const mcuboot::Uuid* vendor = nullptr;
  const mcuboot::Uuid* device_class = nullptr;
};

Buffer by_old(std::uint8_t major) { return make_image({.version = {major, 0, 0, 0}, .key = &old_key()}); }
Buffer revoking(std::uint8_t major, const mcuboot::Digest& revoked) {
  return make_image({.version = {major, 0, 0, 0}, .revoked_key = revoked, .key = &new_key()});
}

}  // namespace

TEST_CASE("an image on test revokes nothing; once confirmed, it revokes the key it names for good") {
  TwoKeys board;
  board.put(0, by_old(1));
  board.put(1, revoking(2, hash(old_key())));
  board.request(SwapType::test);
  auto report = board.boot();
  REQUIRE(report);
  CHECK(report->action == Action::tested);
  CHECK(report->ratchet.revoked_keys == 0);

  SUBCASE("so the old image can come back") {
    report = board.boot();
    REQUIRE(report);
    CHECK(report->action == Action::reverted);
    CHECK(report->image.header.version == mcuboot::Version{1, 0, 0, 0});
    CHECK(report->ratchet.revoked_keys == 0);
  }
  SUBCASE("and nobody can bring back images by the old key") {
    board.confirm();
    report = board.boot();
    REQUIRE(report);
    CHECK(report->ratchet.revoked_keys == 0b01);
    board.erase_slot(1);
    board.put(1, by_old(9));
    board.request(SwapType::perm);
    report = board.boot();
    REQUIRE(report);
    CHECK(report->action == Action::refused);
    CHECK(report->refusal->why == mcuboot::Errc::unknown_key);
    CHECK(report->image.header.version == mcuboot::Version{2, 0, 0, 0});
    board.erase_slot(1);
    board.put(1, make_image({.version = {3, 0, 0, 0}, .key = &new_key()}));
    board.request(SwapType::perm);
    report = board.boot();
    REQUIRE(report);
    CHECK(report->action == Action::installed);
    CHECK(report->ratchet.revoked_keys == 0b01);  // though 3.0.0 revokes nothing
  }
}

TEST_CASE("the second decision knows the revoked keys, too") {
  TwoKeys board;
  board.put(0, revoking(1, hash(old_key())));
  REQUIRE(board.boot());
  board.erase_slot(0);
  board.put(0, by_old(2));
  CHECK(board.entry(0).error().why == mcuboot::Errc::unknown_key);
  CHECK(board.boot().error() == Errc::no_valid_image);
}

TEST_CASE("a device is never left without a key: an image cannot revoke the one that signed it") {
  for (const Mode mode : modes_with_slot0) {
    CAPTURE(text(mode));
    TwoKeys board(mode);
    board.put(0, revoking(1, hash(new_key())));
    for (int i = 0; i < 2; ++i) {
      const auto report = board.boot();
      REQUIRE(report);
      CHECK(report->ratchet.revoked_keys == 0);
    }
  }
}

TEST_CASE("a key that the device does not have is revoked without effect") {
  TwoKeys board;
  board.put(0, revoking(1, mcuboot::Digest{}));
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->ratchet == Ratchet{});
}

TEST_CASE("an image that names another vendor or class does not run, one that names ours or none does") {
  const mcuboot::Uuid ours{std::byte{1}}, other{std::byte{2}};
  struct Row {
    std::optional<mcuboot::Uuid> vendor, device_class;
    bool runs;
  };
  const Row rows[] = {{{}, {}, true},      {ours, {}, true},      {{}, ours, true},    {ours, ours, true},
                      {other, {}, false}, {{}, other, false}, {ours, other, false}, {other, ours, false}};
  for (const Mode mode : modes_with_slot0) {
    for (const Row& row : rows) {
      CAPTURE(text(mode));
      CAPTURE(&row - rows);
      TwoKeys board(mode);
      board.vendor = board.device_class = &ours;
      board.put(0, make_image({.vendor_id = row.vendor, .class_id = row.device_class}));
      const auto entry = board.entry(0);
      CHECK(bool(entry) == row.runs);
      if (!row.runs) CHECK(entry.error().reason == Refusal::Reason::other_device);
      CHECK(bool(board.boot()) == row.runs);

      board.vendor = board.device_class = nullptr;
      CHECK(board.boot());
    }
  }
}

TEST_CASE("an update for another device is refused, and the device goes on as it was") {
  const mcuboot::Uuid ours{std::byte{1}}, other{std::byte{2}};
  TwoKeys board;
  board.device_class = &ours;
  board.put(0, by_old(1));
  board.put(1, make_image({.version = {2, 0, 0, 0}, .class_id = other}));
  board.request(SwapType::test);
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->action == Action::refused);
  CHECK(report->refusal->reason == Refusal::Reason::other_device);
  CHECK(report->image.header.version == mcuboot::Version{1, 0, 0, 0});
}
