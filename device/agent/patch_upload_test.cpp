// Patches in place of images, on boards of several geometries: applied, resumed after a power cut at every flash
// operation, refused when they are for another image, and harmless when they are hostile.
#include "device/agent/patch_upload.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <random>

#include "device/agent/test_node.hpp"
#include "host/delta/patch.hpp"

using namespace lockstep;
using namespace lockstep::agent;
using namespace lockstep::agent::testing;

namespace {

constexpr mcuboot::Version v1{1, 0, 0, 0};
constexpr mcuboot::Version v2{2, 0, 0, 0};
// Small ones, so that a small image has several windows.
constexpr delta::WindowLimits windows{.target = 700, .delta = 300};

std::string noise(unsigned seed, std::size_t size) {
  std::minstd_rand random(seed);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random() >> 8 & 0xff);
  return out;
}

// A firmware and its next version: most is the same, some is new, the rest has moved.
const Buffer& old_image() {
  static const Buffer image = make_image({.version = v1, .payload_size = 4600, .payload_prefix = noise(1, 4600)});
  return image;
}
const Buffer& new_image() {
  static const Buffer image = [] {
    std::string payload = noise(1, 4600);
    payload.replace(300, 40, noise(2, 40));
    payload.insert(1200, noise(3, 150));
    payload.erase(2500, 60);
    payload.replace(3900, 300, noise(4, 300));
    return make_image({.version = v2, .payload_size = payload.size(), .payload_prefix = payload});
  }();
  return image;
}
const Buffer& patch() {
  static const Buffer made = delta::make_patch(old_image(), new_image(), windows);
  return made;
}

Board board_with_old(boot::Mode mode = boot::Mode::swap, std::uint32_t align = 4) {
  Board board(mode, align);
  board.put(0, old_image());
  return board;
}

mcuboot::Digest sha_of(const Buffer& file) { return Sha256::of(file).digest(); }

// Sends a file as a host does: at the offsets that the device asks for. Ends at the first refusal.
struct Sent {
  std::optional<bool> match{};
  std::uint64_t first_answer = 0;  // where the device wanted to go on
  std::int32_t rc = 0;
};
Sent send(TestNode& node, const Buffer& file, std::size_t chunk = 128, bool upgrade = false) {
  const auto sha = sha_of(file);
  Sent sent;
  for (std::uint64_t at = 0;;) {
    const auto n = std::min<std::size_t>(chunk, file.size() - at);
    smp::ImageUploadRequest request{.offset = at, .data = Bytes(file).subspan(at, n)};
    if (at == 0) request.length = file.size();
    if (at == 0) request.sha = sha;
    request.upgrade = at == 0 && upgrade;
    const auto reaction = node.ask(request);
    if (!reaction.reply) {
      sent.rc = reaction.error.rc;
      return sent;
    }
    if (at == 0) sent.first_answer = reaction.reply->offset;
    at = reaction.reply->offset;
    if (at < file.size()) continue;
    sent.match = reaction.reply->match;
    return sent;
  }
}

bool slot0_is_old(const Board& board) {
  return std::equal(old_image().begin(), old_image().end(), board.memory.begin());
}

// After this the board runs the new image, which could be confirmed.
void check_update(Board& board) {
  TestNode node(board);
  CHECK(board.layout.mode != boot::Mode::ram_load);
  REQUIRE(node.ask(smp::ImageStateWriteRequest{.hash = hash_of(new_image())}).reply);
  const auto report = board.boot();
  REQUIRE(report);
  CHECK(report->image.image_hash == hash_of(new_image()));
}

}  // namespace

TEST_CASE("a patch becomes the new image, which is marked and booted by its hash as any other") {
  REQUIRE(patch().size() < 1200);
  for (const auto mode : {boot::Mode::swap, boot::Mode::overwrite_only}) {
    for (const std::uint32_t align : {1u, 4u, 8u, 32u}) {
      for (const std::size_t chunk : {33u, 90u, 128u, 2000u}) {
        CAPTURE(align);
        CAPTURE(chunk);
        Board board = board_with_old(mode, align);
        TestNode node(board);
        const Sent sent = send(node, patch(), chunk);
        CHECK(sent.rc == 0);
        CHECK(sent.match == true);
        CHECK(node.slot1_image(new_image().size()) == new_image());
        CHECK(slot0_is_old(board));
        check_update(board);
      }
    }
  }
}

TEST_CASE("what is new and comes again is copied from what was just written, in flash or not yet") {
  std::string payload = noise(1, 4600);
  const std::string fresh = noise(7, 500);
  payload.replace(500, 500, fresh);
  payload.replace(1000, 300, fresh, 100, 300);
  payload.replace(3000, 500, fresh);
  payload.replace(4000, 400, 400, 'x');
  const Buffer next = make_image({.version = v2, .payload_size = payload.size(), .payload_prefix = payload});
  const Buffer repeating = delta::make_patch(old_image(), next);
  REQUIRE(repeating.size() < 1000);
  for (const std::uint32_t align : {1u, 32u}) {
    Board board = board_with_old(boot::Mode::swap, align);
    TestNode node(board);
    CHECK(send(node, repeating).match == true);
    CHECK(node.slot1_image(next.size()) == next);
  }
}

TEST_CASE("in ram-load mode the base is the running slot, whichever it is") {
  Board board = board_with_old(boot::Mode::ram_load);
  board.put(1, old_image());
  TestNode node(board);
  node.platform.active_slot_ = 1;
  CHECK(send(node, patch()).match == true);
  const Bytes slot0 = Bytes(board.memory).first(new_image().size());
  CHECK(std::equal(slot0.begin(), slot0.end(), new_image().begin()));
}

TEST_CASE("a patch for another image is refused before anything is written") {
  Board board(boot::Mode::swap);
  board.put(0, make_image({.version = v1, .payload_size = 4600, .payload_prefix = noise(9, 4600)}));
  const Buffer before = board.memory;
  boot::MemoryFlash flash = board.flash();
  boot::CutFlash counting(flash);
  TestNode node(board, counting);
  CHECK(send(node, patch()).rc == smp::image_rc::hash_not_found);
  CHECK(counting.operations() == 0);
  CHECK(board.memory == before);
}

TEST_CASE("first chunks that cannot be are refused before anything is written") {
  Board board = board_with_old();
  boot::MemoryFlash flash = board.flash();
  boot::CutFlash counting(flash);
  TestNode node(board, counting);
  const auto rc = [&](const smp::ImageUploadRequest& request) { return node.ask(request).error.rc; };
  const Bytes data = Bytes(patch()).first(100);
  CHECK(rc({.data = data}) == smp::image_rc::invalid_length);
  CHECK(rc({.length = 99, .data = data}) == smp::image_rc::image_data_overrun);
  const smp::ImageUploadRequest other_image{.image = 1, .length = patch().size(), .data = data};
  CHECK(node.ask(other_image).error == smp::Rc::not_supported);
  for (std::size_t n = 4; n < 82; ++n) {  // ends inside the header
    CHECK(rc({.length = n, .data = data.first(n)}) == smp::image_rc::invalid_image_header);
    CHECK(node.ask(smp::ImageUploadRequest{.length = patch().size(), .data = data.first(n)}).reply->offset == n);
  }
  Buffer other(patch().begin(), patch().end());
  other[6] = std::byte{'X'};
  CHECK(rc({.length = other.size(), .data = other}) == smp::image_rc::invalid_image_header);
  const Buffer large = delta::make_patch(old_image(), Buffer(6 * 1024 + 1));
  CHECK(rc({.length = large.size(), .data = large}) == smp::image_rc::image_too_large);
  CHECK(counting.operations() == 0);
}

TEST_CASE("a patch is refused while the other slot is needed") {
  Board board = board_with_old();
  TestNode node(board);
  REQUIRE(send(node, patch()).match == true);
  REQUIRE(node.ask(smp::ImageStateWriteRequest{.hash = hash_of(new_image())}).reply);
  CHECK(send(node, patch()).rc == smp::image_rc::no_free_slot);
}

TEST_CASE("repeated, lost and foreign chunks change nothing; a whole image is recognised") {
  Board board = board_with_old();
  TestNode node(board);
  const auto sha = sha_of(patch());
  const auto chunk = [&](std::uint64_t at) {
    smp::ImageUploadRequest request{.offset = at, .data = Bytes(patch()).subspan(at, 128)};
    if (at == 0) request.length = patch().size();
    if (at == 0) request.sha = sha;
    return node.ask(request).reply->offset;
  };
  CHECK(chunk(128) == 0);  // nothing was begun
  CHECK(chunk(0) == 128);
  CHECK(chunk(256) == 128);
  CHECK(chunk(128) == 256);
  CHECK(chunk(128) == 256);
  CHECK(chunk(0) == 256);  // the connection was lost: goes on
  const Sent sent = send(node, patch());
  CHECK(sent.first_answer == 256);
  CHECK(sent.match == true);
  const Sent again = send(node, patch());
  CHECK(again.first_answer == patch().size());
  CHECK(again.match == true);
}

TEST_CASE("an image in place of the patch that was begun, and the other way round") {
  Board board = board_with_old();
  TestNode node(board);
  REQUIRE(node.ask(smp::ImageUploadRequest{.length = patch().size(), .data = Bytes(patch()).first(500)}).reply);
  CHECK(send(node, new_image()).match == true);
  CHECK(node.slot1_image(new_image().size()) == new_image());
  REQUIRE(node.ask(smp::ImageEraseRequest{}).reply);
  REQUIRE(node.ask(smp::ImageUploadRequest{.length = new_image().size(), .data = Bytes(new_image()).first(500)}).reply);
  CHECK(send(node, patch()).match == true);
  check_update(board);
}

TEST_CASE("a version that is not higher is refused when that was asked for") {
  Board board(boot::Mode::swap);
  board.put(0, new_image());
  TestNode node(board);
  const Buffer back = delta::make_patch(new_image(), old_image(), windows);
  CHECK(send(node, back, 128, true).rc == smp::image_rc::current_version_is_newer);
  CHECK(node.ask(smp::ImageStateRequest{}).reply->images.size() == 1);
  CHECK(send(node, back).match == true);
}

namespace {

struct Sweep {
  int cuts = 0;
  int resumed = 0;          // went on behind the first chunk
  std::uint64_t saved = 0;  // bytes of the patch that were not sent again
};

// A patch, or the rest of one, with the power cut at operation `at`. Whether it came to its end before.
bool dies_at(Board& board, std::uint32_t at, boot::CutFlash::Last last) {
  boot::MemoryFlash flash = board.flash();
  boot::CutFlash cut(flash, at, last);
  TestNode node(board, cut);
  const Sent sent = send(node, patch());
  return !(sent.match == true);
}

std::uint32_t operations_of(Board board) {
  boot::MemoryFlash flash = board.flash();
  boot::CutFlash counting(flash);
  TestNode node(board, counting);
  REQUIRE(send(node, patch()).match == true);
  return counting.operations();
}

void check_recovery(Board& board, Sweep& sweep) {
  ++sweep.cuts;
  CHECK(slot0_is_old(board));
  Board asleep = board;  // whatever lies in slot 1 now, the old image boots
  const auto report = asleep.boot();
  REQUIRE(report);
  CHECK(report->image.image_hash == hash_of(old_image()));
  TestNode node(board);
  const Sent sent = send(node, patch());
  CHECK(sent.rc == 0);
  CHECK(sent.match == true);
  CHECK(node.slot1_image(new_image().size()) == new_image());
  if (sent.first_answer > 128) {
    ++sweep.resumed;
    sweep.saved += sent.first_answer;
  }
  check_update(board);
}

}  // namespace

TEST_CASE("a patch survives a cut at every flash operation and goes on where it was") {
  using Last = boot::CutFlash::Last;
  Sweep sweep;
  for (const auto mode : {boot::Mode::swap, boot::Mode::overwrite_only}) {
    for (const std::uint32_t align : {4u, 32u}) {
      Board start = board_with_old(mode, align);
      start.put(1, make_image({.payload_size = 5000}));  // something to erase
      const std::uint32_t total = operations_of(start);
      for (const Last last : {Last::skipped, Last::torn, Last::torn_late}) {
        for (std::uint32_t at = 1; at <= total; ++at) {
          CAPTURE(align);
          CAPTURE(at);
          CAPTURE(static_cast<int>(last));
          Board board = start;
          REQUIRE(dies_at(board, at, last));
          check_recovery(board, sweep);
        }
      }
    }
  }
  MESSAGE(sweep.cuts << " cuts, " << sweep.resumed << " resumed behind the first chunk, which saved "
                     << sweep.saved << " bytes");
  CHECK(sweep.cuts > 300);
  CHECK(sweep.resumed > sweep.cuts / 3);
}

TEST_CASE("a second cut in the recovery from the first changes nothing about that") {
  using Last = boot::CutFlash::Last;
  Sweep sweep;
  const Board start = board_with_old();
  const std::uint32_t total = operations_of(start);
  for (std::uint32_t first = 1; first <= total; first += 2) {
    Board once = start;
    REQUIRE(dies_at(once, first, Last::torn));
    const std::uint32_t rest = operations_of(once);
    for (std::uint32_t second = 1; second <= rest; second += 3) {
      CAPTURE(first);
      CAPTURE(second);
      Board twice = once;
      REQUIRE(dies_at(twice, second, Last::torn_late));
      check_recovery(twice, sweep);
    }
  }
  MESSAGE(sweep.cuts << " pairs of cuts");
}

TEST_CASE("a hostile patch harms nothing but the slot that does not run") {
  const Board start = board_with_old();
  const auto slot1 = start.layout.slot1;
  std::minstd_rand random(11);
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    Buffer bad = patch();
    for (auto n = 1 + random() % 4; n > 0; --n) bad[82 + random() % (bad.size() - 82)] = std::byte(random() >> 8 & 0xff);
    Board board = start;
    TestNode node(board);
    const Sent sent = send(node, bad);
    const auto changed = [&](std::size_t at) { return board.memory[at] != start.memory[at]; };
    for (std::size_t at = 0; at < board.memory.size(); ++at) {
      if (at < slot1.offset || at >= slot1.offset + slot1.size) REQUIRE_FALSE(changed(at));
    }
    if (sent.match == true) CHECK(node.slot1_image(new_image().size()) == new_image());
    else CHECK_FALSE(node.ask(smp::ImageStateWriteRequest{.hash = hash_of(new_image())}).reply);
    CHECK(board.boot()->image.image_hash == hash_of(old_image()));
  }
}

TEST_CASE("a patch that makes another image than it names leaves none, and can be followed by the image") {
  Board board = board_with_old();
  Buffer other = new_image();
  other[4000] ^= std::byte{1};
  Buffer wrong = delta::make_patch(old_image(), other, windows);
  const Buffer right_header(patch().begin(), patch().begin() + 82);
  std::copy(right_header.begin(), right_header.end(), wrong.begin());
  TestNode node(board);
  CHECK(send(node, wrong).match == false);
  CHECK(node.ask(smp::ImageStateRequest{}).reply->images.size() == 1);
  CHECK(send(node, new_image()).match == true);
  check_update(board);
}

TEST_CASE("a patch takes at most 8 KiB of RAM") {
  MESSAGE("upload state with window, address cache and page: " << sizeof(PatchUpload) << " bytes");
  CHECK(sizeof(PatchUpload) <= 7 * 1024);
}
