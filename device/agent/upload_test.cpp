#include "device/agent/upload.hpp"

#include <doctest/doctest.h>

#include "device/agent/test_node.hpp"

using namespace lockstep;
using namespace lockstep::agent;
using namespace lockstep::agent::testing;
using smp::ServerError;
namespace image_rc = smp::image_rc;

namespace {

const Buffer& image1() {
  static const Buffer image = make_image({.version = {1, 0, 0, 0}, .payload_size = 1500});
  return image;
}
const Buffer& image2() {
  static const Buffer image = make_image({.version = {2, 0, 0, 0}, .payload_size = 2501});
  return image;
}

struct Running {
  explicit Running(boot::Mode mode = boot::Mode::swap, std::uint32_t align = 8) : board(mode, align) {
    board.put(0, image1());
  }
  Board board;
  TestNode node{board};
};

smp::ImageUploadRequest first_chunk(const Buffer& image, std::size_t n, Bytes sha = {}) {
  return {.length = image.size(), .offset = 0, .sha = sha, .data = Bytes(image).first(n)};
}

ServerError refusal(std::int32_t rc) { return {smp::group::image, rc}; }

}  // namespace

TEST_CASE("an upload lands byte for byte, whatever the chunk size and the write alignment") {
  const Sha256 sha = Sha256::of(image2());
  for (const std::uint32_t align : {1u, 4u, 8u, 32u}) {
    for (const std::size_t chunk : {33u, 64u, 127u, 1024u, 2000u}) {
      CAPTURE(align);
      CAPTURE(chunk);
      Running r(boot::Mode::swap, align);
      const auto last = r.node.upload(image2(), chunk, sha.bytes());
      CHECK(last.offset == image2().size());
      CHECK(last.match == true);
      CHECK(r.node.slot1_image(image2().size()) == image2());
    }
  }
}

TEST_CASE("in every mode but swap the image lands at the slot's first byte") {
  for (const boot::Mode mode : {boot::Mode::overwrite_only, boot::Mode::direct_xip, boot::Mode::ram_load}) {
    Running r(mode);
    r.node.upload(image2(), 500);
    CHECK(r.board.memory[r.board.layout.slot1.offset] == image2()[0]);
  }
}

TEST_CASE("in ram-load the upload goes to the slot that does not run") {
  Running r(boot::Mode::ram_load);
  r.board.put(1, image2());
  r.node.platform.active_slot_ = 1;
  const Buffer image3 = make_image({.version = {3, 0, 0, 0}, .payload_size = 900});
  r.node.upload(image3, 500);
  CHECK(std::equal(image3.begin(), image3.end(), r.board.memory.begin()));
  CHECK(r.board.memory[r.board.layout.slot1.offset + 700] == image2()[700]);
}

TEST_CASE("a corrupt upload is told by match false, and none is told without a sha") {
  Running r;
  const Sha256 other = Sha256::of("something else");
  CHECK(r.node.upload(image2(), 500, other.bytes()).match == false);
  CHECK_FALSE(r.node.upload(image2(), 500).match.has_value());
  r.node.platform.with_crypto_ = false;
  CHECK_FALSE(r.node.upload(image2(), 500, other.bytes()).match.has_value());
}

TEST_CASE("a chunk for another offset changes nothing and is answered with the expected one") {
  Running r;
  REQUIRE(r.node.ask(first_chunk(image2(), 100)).reply->offset == 100);
  for (const std::size_t offset : {1u, 99u, 101u, 2000u}) {
    const Bytes data = Bytes(image2()).subspan(offset, 50);
    CHECK(r.node.ask(smp::ImageUploadRequest{.offset = offset, .data = data}).reply->offset == 100);
  }
  // A duplicate of the last chunk is such a case.
  const auto go_on = smp::ImageUploadRequest{.offset = 100, .data = Bytes(image2()).subspan(100, 50)};
  CHECK(r.node.ask(go_on).reply->offset == 150);
  CHECK(r.node.ask(go_on).reply->offset == 150);
}

TEST_CASE("the first chunk with the same sha resumes, another sha begins anew") {
  Running r;
  const Sha256 sha = Sha256::of(image2());
  REQUIRE(r.node.ask(first_chunk(image2(), 100, sha.bytes())).reply->offset == 100);
  const auto second = smp::ImageUploadRequest{.offset = 100, .data = Bytes(image2()).subspan(100, 77)};
  REQUIRE(r.node.ask(second).reply->offset == 177);
  CHECK(r.node.ask(first_chunk(image2(), 100, sha.bytes())).reply->offset == 177);
  const Sha256 other = Sha256::of("another image");
  CHECK(r.node.ask(first_chunk(image2(), 100, other.bytes())).reply->offset == 100);
  CHECK(r.node.ask(first_chunk(image2(), 60)).reply->offset == 60);  // without sha there is nothing to resume
}

TEST_CASE("after a reset a device that forgot the upload asks for offset 0") {
  Running r;
  REQUIRE(r.node.ask(first_chunk(image2(), 100)).reply);
  TestNode restarted(r.board);
  const auto next = smp::ImageUploadRequest{.offset = 100, .data = Bytes(image2()).subspan(100, 50)};
  CHECK(restarted.ask(next).reply->offset == 0);
}

TEST_CASE("an image that is there whole need not be sent again") {
  Running r;
  const Sha256 sha = Sha256::of(image2());
  r.node.upload(image2(), 700, sha.bytes());
  TestNode restarted(r.board);
  const auto reaction = restarted.ask(first_chunk(image2(), 100, sha.bytes()));
  CHECK(reaction.reply->offset == image2().size());
  CHECK(reaction.reply->match == true);

  r.board.memory[r.board.layout.slot1.offset + 1024 + 900] = std::byte{0};
  CHECK(restarted.ask(first_chunk(image2(), 100, sha.bytes())).reply->offset == 100);
}

TEST_CASE("a first chunk that cannot become an image is refused at once, and nothing is erased") {
  Running r;
  r.board.put(1, image2());
  const Buffer before = r.board.memory;
  const Buffer text(100, std::byte{'x'});
  const Buffer long_sha(33);
  auto without_length = first_chunk(image2(), 100);
  without_length.length.reset();
  auto second_image = first_chunk(image2(), 100);
  second_image.image = 1;
  auto too_large = first_chunk(image2(), 100);
  too_large.length = boot::max_image_size(r.board.layout, r.board.geometry) + 1;
  auto huge = first_chunk(image2(), 100);
  huge.length = 0x1'0000'0064;  // 100 when cut to 32 bits
  auto overrun = first_chunk(image2(), 100);
  overrun.length = 99;
  CHECK(r.node.ask(first_chunk(image2(), 31)).error == refusal(image_rc::invalid_image_header));
  CHECK(r.node.ask(without_length).error == refusal(image_rc::invalid_length));
  CHECK(r.node.ask(first_chunk(text, 100)).error == refusal(image_rc::invalid_image_header_magic));
  CHECK(r.node.ask(first_chunk(image2(), 100, long_sha)).error == refusal(image_rc::invalid_hash));
  CHECK(r.node.ask(second_image).error == refusal(image_rc::no_free_slot));
  CHECK(r.node.ask(too_large).error == refusal(image_rc::image_too_large));
  CHECK(r.node.ask(huge).error == refusal(image_rc::image_too_large));
  CHECK(r.node.ask(overrun).error == refusal(image_rc::image_data_overrun));
  CHECK(r.board.memory == before);
}

TEST_CASE("upgrade takes only a version above the running one") {
  Running r;
  for (const auto& [version, accepted] : {std::pair(mcuboot::Version{0, 9, 0, 0}, false),
                                          std::pair(mcuboot::Version{1, 0, 0, 0}, false),
                                          std::pair(mcuboot::Version{1, 0, 1, 0}, true)}) {
    auto chunk = first_chunk(image2(), 100);
    const Buffer image = make_image({.version = version});
    chunk.data = Bytes(image).first(100);
    chunk.upgrade = true;
    const auto reaction = r.node.ask(chunk);
    CHECK(reaction.reply.has_value() == accepted);
    if (!accepted) CHECK(reaction.error == refusal(image_rc::current_version_is_newer));
  }
}

TEST_CASE("data beyond the length that was said is refused and ends the upload") {
  Running r;
  REQUIRE(r.node.ask(first_chunk(image2(), 100)).reply);
  const Buffer rest(image2().size() - 100 + 1);
  CHECK(r.node.ask(smp::ImageUploadRequest{.offset = 100, .data = rest}).error ==
        refusal(image_rc::image_data_overrun));
}

TEST_CASE("nothing is uploaded over an image that is asked for, or that is the way back") {
  Running r;
  r.board.put(1, image2());
  r.board.request(boot::SwapType::test);
  const Buffer pending = r.board.memory;
  CHECK(r.node.ask(first_chunk(image2(), 100)).error == refusal(image_rc::no_free_slot));
  CHECK(r.node.ask(first_chunk(image2(), 100), smp::Version::v1).error.is(smp::Rc::bad_state));
  CHECK(r.board.memory == pending);

  REQUIRE(r.board.boot());
  const Buffer on_test = r.board.memory;
  CHECK(r.node.ask(first_chunk(image1(), 100)).error == refusal(image_rc::no_free_slot));
  CHECK(r.board.memory == on_test);
}

TEST_CASE("a flash that fails is told, and the upload can be begun anew") {
  Running r;
  boot::MemoryFlash memory = r.board.flash();
  boot::CutFlash failing(memory);
  TestNode node(r.board, failing);
  REQUIRE(node.ask(first_chunk(image2(), 100)).reply);
  failing.power_on(3);  // after the erase of the trailer and of the sector that now has bytes
  CHECK(node.ask(first_chunk(image2(), 100)).error == refusal(image_rc::flash_write_failed));
  failing.power_on(1);
  CHECK(node.ask(first_chunk(image2(), 100)).error == refusal(image_rc::flash_erase_failed));
  failing.power_on();
  node.upload(image2(), 300);
  CHECK(node.slot1_image(image2().size()) == image2());
}

TEST_CASE("a power cut anywhere in an upload leaves the old image running and the slot usable") {
  std::uint32_t total = 0;
  {
    Running r;
    boot::MemoryFlash memory = r.board.flash();
    boot::CutFlash counting(memory);
    TestNode node(r.board, counting);
    node.upload(image2(), 1000);
    total = counting.operations();
  }
  for (std::uint32_t at = 1; at <= total; ++at) {
    CAPTURE(at);
    Running r;
    r.board.put(1, image1());  // something to erase
    boot::MemoryFlash memory = r.board.flash();
    boot::CutFlash cut(memory, at, boot::CutFlash::Last::torn);
    TestNode dying(r.board, cut);
    for (std::size_t offset = 0; offset < image2().size();) {
      const auto n = std::min<std::size_t>(1000, image2().size() - offset);
      smp::ImageUploadRequest chunk{.offset = offset, .data = Bytes(image2()).subspan(offset, n)};
      if (offset == 0) chunk.length = image2().size();
      const auto reaction = dying.ask(chunk);
      if (!reaction.reply) break;
      offset = reaction.reply->offset;
    }
    const auto report = r.board.boot();
    REQUIRE(report);
    CHECK(report->image.image_hash == hash_of(image1()));
    TestNode again(r.board);
    again.upload(image2(), 1000);
    CHECK(again.slot1_image(image2().size()) == image2());
  }
}
