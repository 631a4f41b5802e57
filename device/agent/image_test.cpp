// The image group's list, marks and erases, and a whole update by messages.
#include <doctest/doctest.h>

#include "device/agent/test_node.hpp"
#include "host/base/text.hpp"

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
  static const Buffer image = make_image({.version = {2, 3, 4, 5}, .payload_size = 2501});
  return image;
}

struct Two {
  explicit Two(boot::Mode mode = boot::Mode::swap) : board(mode) {
    board.put(0, image1());
    board.put(1, image2());
  }
  // The list as short text: "0 1.0.0 active confirmed | 1 2.3.4+5 pending".
  std::string list() {
    const auto reaction = node.ask(smp::ImageStateRequest{});
    REQUIRE(reaction.reply);
    return describe(*reaction.reply);
  }
  static std::string describe(const smp::ImageStateReply& reply) {
    std::string text;
    for (const smp::ImageState& image : reply.images) {
      if (!text.empty()) text += " | ";
      text += std::to_string(image.slot) + " " + std::string(image.version);
      if (image.active) text += " active";
      if (image.confirmed) text += " confirmed";
      if (image.pending) text += " pending";
      if (image.permanent) text += " permanent";
    }
    return text;
  }
  Reaction<smp::ImageStateReply> mark(const Buffer& image, bool confirm) {
    const mcuboot::Digest hash = hash_of(image);
    return node.ask(smp::ImageStateWriteRequest{.hash = hash, .confirm = confirm});
  }
  Board board;
  TestNode node{board};
};

ServerError refusal(std::int32_t rc) { return {smp::group::image, rc}; }

}  // namespace

TEST_CASE("the list follows an update through test and confirm") {
  Two t;
  CHECK(t.list() == "0 1.0.0 active confirmed | 1 2.3.4+5");
  REQUIRE(t.mark(image2(), false).reply);
  CHECK(t.list() == "0 1.0.0 active confirmed | 1 2.3.4+5 pending");
  REQUIRE(t.board.boot());
  CHECK(t.list() == "0 2.3.4+5 active | 1 1.0.0 confirmed");
  REQUIRE(t.node.ask(smp::ImageStateWriteRequest{.confirm = true}).reply);
  CHECK(t.list() == "0 2.3.4+5 active confirmed");  // the old image is there, but no longer where an upgrade begins
}

TEST_CASE("after a revert the list shows the old image running and the failed one without flags") {
  Two t;
  REQUIRE(t.mark(image2(), false).reply);
  REQUIRE(t.board.boot());
  REQUIRE(t.board.boot());
  CHECK(t.list() == "0 1.0.0 active confirmed | 1 2.3.4+5");
}

TEST_CASE("hashes in the list are those of the TLVs, and the answer to a mark is the new list") {
  Two t;
  const auto marked = t.mark(image2(), true);
  REQUIRE(marked.reply);
  CHECK(Two::describe(*marked.reply) == "0 1.0.0 active confirmed | 1 2.3.4+5 pending permanent");
  CHECK(Sha256::from_bytes(marked.reply->images[1].hash)->digest() == hash_of(image2()));
  CHECK(marked.reply->images[1].bootable);
  REQUIRE(t.board.boot());
  CHECK(t.list().starts_with("0 2.3.4+5 active confirmed"));
}

TEST_CASE("an empty or damaged slot is not listed") {
  Board empty;
  TestNode node(empty);
  CHECK(node.ask(smp::ImageStateRequest{}).reply->images.empty());
  Two t;
  t.board.memory[t.board.layout.slot1.offset + 1024] = std::byte{0};
  CHECK(t.list() == "0 1.0.0 active confirmed");
}

TEST_CASE("a confirm with a missing, null or empty hash means the running image") {
  // {"confirm": true}, {"hash": null, "confirm": true}, {"hash": h'', "confirm": true}; group 1, command 0, write
  for (const std::string_view request : {
           "0a00000a" "00010700" "a1" "67636f6e6669726d" "f5",
           "0a000010" "00010700" "a2" "6468617368" "f6" "67636f6e6669726d" "f5",
           "0a000010" "00010700" "a2" "6468617368" "40" "67636f6e6669726d" "f5",
       }) {
    CAPTURE(request);
    Two t;
    REQUIRE(t.mark(image2(), false).reply);
    REQUIRE(t.board.boot());
    const auto answer = smp::decode_message(t.node.server.handle(*from_hex(request)));
    REQUIRE(answer);
    CHECK_FALSE(*smp::decode_server_error(answer->body));
    CHECK(t.board.boot()->confirmed);
    CHECK(t.list() == "0 2.3.4+5 active confirmed");
  }
}

TEST_CASE("marks that make no sense are refused as Zephyr refuses them") {
  Two t;
  const Buffer stranger = make_image({.version = {7, 0, 0, 0}});
  const Buffer short_hash(20, std::byte{1});
  CHECK(t.mark(stranger, false).error == refusal(image_rc::hash_not_found));
  CHECK(t.mark(image1(), false).error == refusal(image_rc::test_of_active_denied));
  CHECK(t.node.ask(smp::ImageStateWriteRequest{}).error == refusal(image_rc::invalid_hash));
  CHECK(t.node.ask(smp::ImageStateWriteRequest{.hash = short_hash}).error == refusal(image_rc::invalid_hash));
  const Buffer before = t.board.memory;
  CHECK(t.mark(image1(), true).reply);  // running and confirmed already
  CHECK(t.board.memory == before);
}

TEST_CASE("once an image is pending, only the same wish is granted again") {
  Two test;
  REQUIRE(test.mark(image2(), false).reply);
  CHECK(test.mark(image2(), false).reply);
  CHECK(test.mark(image2(), true).error == refusal(image_rc::image_already_pending));
  CHECK(test.mark(image1(), true).error == refusal(image_rc::image_already_pending));
  Two perm;
  REQUIRE(perm.mark(image2(), true).reply);
  CHECK(perm.mark(image2(), true).reply);
  CHECK(perm.mark(image2(), false).error == refusal(image_rc::image_already_pending));
}

TEST_CASE("while an image is on test nothing else can be marked, only it confirmed") {
  Two t;
  REQUIRE(t.mark(image2(), false).reply);
  REQUIRE(t.board.boot());
  CHECK(t.mark(image1(), false).error == refusal(image_rc::image_already_pending));
  CHECK(t.mark(image1(), true).reply);  // it is confirmed as the way back; nothing changes
  CHECK(t.list() == "0 2.3.4+5 active | 1 1.0.0 confirmed");
  CHECK(t.mark(image2(), true).reply);
  CHECK(t.list() == "0 2.3.4+5 active confirmed");
}

TEST_CASE("a ram-load device does not support marks, and says which image runs next") {
  Two t(boot::Mode::ram_load);
  const auto reaction = t.mark(image2(), false);
  CHECK(reaction.error.is(smp::Rc::not_supported));
  CHECK(t.node.ask(smp::ImageStateWriteRequest{.confirm = true}).error.is(smp::Rc::not_supported));
  CHECK(t.list() == "0 1.0.0 active confirmed | 1 2.3.4+5 pending permanent");
}

TEST_CASE("a direct-xip device follows an update from one slot to the other and back") {
  Two t(boot::Mode::direct_xip);
  CHECK(t.list() == "0 1.0.0 active confirmed | 1 2.3.4+5");
  REQUIRE(t.mark(image2(), false).reply);
  CHECK(t.list() == "0 1.0.0 active confirmed | 1 2.3.4+5 pending");
  CHECK(t.node.ask(smp::ImageEraseRequest{}).error == refusal(image_rc::no_free_slot));
  t.node.platform.active_slot_ = t.board.boot()->slot;
  CHECK(t.list() == "0 1.0.0 confirmed | 1 2.3.4+5 active");
  CHECK(t.mark(image1(), false).error == refusal(image_rc::image_already_pending));
  REQUIRE(t.node.ask(smp::ImageStateWriteRequest{.confirm = true}).reply);
  CHECK(t.list() == "0 1.0.0 | 1 2.3.4+5 active confirmed");
  CHECK(t.board.boot()->slot == 1);
  // An older image would never run again, however often it is marked.
  CHECK(t.mark(image1(), false).error == refusal(image_rc::current_version_is_newer));
  CHECK(t.list() == "0 1.0.0 | 1 2.3.4+5 active confirmed");
}

TEST_CASE("an overwrite device shows the pending image at the slot's first byte") {
  Two t(boot::Mode::overwrite_only);
  REQUIRE(t.mark(image2(), false).reply);
  CHECK(t.list() == "0 1.0.0 active confirmed | 1 2.3.4+5 pending");
  REQUIRE(t.board.boot());
  CHECK(t.list() == "0 2.3.4+5 active confirmed");
}

TEST_CASE("a slot is erased unless it is needed") {
  Two t;
  CHECK(t.node.ask(smp::ImageEraseRequest{.slot = 0}).error == refusal(image_rc::no_free_slot));
  CHECK(t.node.ask(smp::ImageEraseRequest{.slot = 2}).error == refusal(image_rc::invalid_slot));
  REQUIRE(t.mark(image2(), false).reply);
  CHECK(t.node.ask(smp::ImageEraseRequest{}).error == refusal(image_rc::no_free_slot));
  CHECK(t.node.ask(smp::ImageEraseRequest{}, smp::Version::v1).error.is(smp::Rc::bad_state));

  Two free;
  REQUIRE(free.node.ask(smp::ImageEraseRequest{}).reply);
  CHECK(free.list() == "0 1.0.0 active confirmed");
  CHECK(free.board.memory[free.board.layout.slot1.offset + 1024] == boot::erased_byte);
  CHECK(free.board.memory[0] == image1()[0]);
}

TEST_CASE("slot info tells sizes, the largest image and where uploads go") {
  Two t;
  const auto reaction = t.node.ask(smp::SlotInfoRequest{});
  REQUIRE(reaction.reply);
  const auto& slots = reaction.reply->slots;
  REQUIRE(slots.size() == 2);
  CHECK(slots[0].size == t.board.layout.slot0.size);
  CHECK(slots[1].size == t.board.layout.slot1.size);
  CHECK_FALSE(slots[0].upload_image_id);
  CHECK(slots[1].upload_image_id == 0u);
  CHECK(slots[1].max_image_size == boot::max_image_size(t.board.layout, t.board.geometry));
}

TEST_CASE("a power cut while marking leaves the wish made whole, or not made") {
  for (const bool permanent : {false, true}) {
    for (const auto last : {boot::CutFlash::Last::skipped, boot::CutFlash::Last::torn}) {
      for (std::uint32_t at = 1; at <= (permanent ? 3u : 2u); ++at) {
        CAPTURE(permanent);
        CAPTURE(at);
        Two t;
        boot::MemoryFlash memory = t.board.flash();
        boot::CutFlash cut(memory, at, last);
        TestNode dying(t.board, cut);
        const mcuboot::Digest hash = hash_of(image2());
        dying.ask(smp::ImageStateWriteRequest{.hash = hash, .confirm = permanent});
        REQUIRE(cut.is_cut());
        const auto report = t.board.boot();
        REQUIRE(report);
        CHECK(report->image.image_hash == hash_of(image1()));
        // What is left over, even a torn magic, does not turn the next wish into another one or keep it away.
        REQUIRE(t.mark(image2(), !permanent).reply);
        CHECK(t.board.boot()->confirmed == !permanent);
      }
    }
  }
}

TEST_CASE("a whole update by messages: upload, test, boot, confirm") {
  Board board;
  board.put(0, image1());
  TestNode node(board);
  const Sha256 sha = Sha256::of(image2());
  REQUIRE(node.upload(image2(), 400, sha.bytes()).match == true);
  const mcuboot::Digest hash = hash_of(image2());
  REQUIRE(node.ask(smp::ImageStateWriteRequest{.hash = hash}).reply);
  REQUIRE(board.boot()->image.image_hash == hash);
  TestNode restarted(board);
  REQUIRE(restarted.ask(smp::ImageStateWriteRequest{.hash = hash, .confirm = true}).reply);
  const auto report = board.boot();
  CHECK(report->image.image_hash == hash);
  CHECK(report->confirmed);
}
