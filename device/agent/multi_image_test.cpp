// A device of two images, app and radio: one agent, the slots and the fate of each image its own.
#include <doctest/doctest.h>

#include "device/agent/test_node.hpp"
#include "host/base/text.hpp"

using namespace lockstep;
using namespace lockstep::agent;
using namespace lockstep::agent::testing;
using smp::ServerError;
namespace image_rc = smp::image_rc;

namespace {

const Buffer& app(std::uint8_t major) {
  static const Buffer images[] = {make_image({.version = {1, 0, 0, 0}, .payload_size = 1500}),
                                  make_image({.version = {2, 0, 0, 0}, .payload_size = 2501})};
  return images[major - 1];
}
const Buffer& radio(std::uint8_t major) {
  static const Buffer images[] = {make_image({.version = {1, 7, 0, 0}, .payload_size = 1800}),
                                  make_image({.version = {2, 7, 0, 0}, .payload_size = 2203})};
  return images[major - 1];
}

struct Pair {
  Pair() {
    board.put(0, app(1), 0);
    board.put(0, radio(1), 1);
  }
  // "app 0 1.0.0 active confirmed | radio 1 2.7.0 pending".
  std::string list() {
    const auto reaction = node.ask(smp::ImageStateRequest{});
    REQUIRE(reaction.reply);
    std::string text;
    for (const smp::ImageState& image : reaction.reply->images) {
      if (!text.empty()) text += " | ";
      text += (image.image == 0 ? "app " : "radio ") + std::to_string(image.slot) + " " + std::string(image.version);
      if (image.active) text += " active";
      if (image.confirmed) text += " confirmed";
      if (image.pending) text += " pending";
      if (image.permanent) text += " permanent";
    }
    return text;
  }
  Reaction<smp::ImageStateReply> mark(const Buffer& image, bool confirm = false) {
    const mcuboot::Digest hash = hash_of(image);
    return node.ask(smp::ImageStateWriteRequest{.hash = hash, .confirm = confirm});
  }
  ServerError erase(std::optional<std::uint32_t> slot) { return node.ask(smp::ImageEraseRequest{.slot = slot}).error; }
  void boot() { REQUIRE(board.boot_all().size() == 2); }

  Board board{boot::Mode::swap, 4, 1024, 2};
  TestNode node{board};
};

ServerError refusal(std::int32_t rc) { return {smp::group::image, rc}; }

}  // namespace

TEST_CASE("both images are uploaded, tried by one reset, and kept or reverted each on its own") {
  Pair p;
  CHECK(p.list() == "app 0 1.0.0 active confirmed | radio 0 1.7.0 active confirmed");
  const Sha256 app_sha = Sha256::of(app(2)), radio_sha = Sha256::of(radio(2));
  CHECK(p.node.upload(app(2), 400, app_sha.bytes(), 0).match == true);
  CHECK(p.node.upload(radio(2), 400, radio_sha.bytes(), 1).match == true);
  CHECK(p.list() == "app 0 1.0.0 active confirmed | app 1 2.0.0 | radio 0 1.7.0 active confirmed | radio 1 2.7.0");
  REQUIRE(p.mark(radio(2)).reply);
  CHECK(p.list() == "app 0 1.0.0 active confirmed | app 1 2.0.0 | radio 0 1.7.0 active confirmed | radio 1 2.7.0 pending");
  REQUIRE(p.mark(app(2)).reply);
  p.boot();
  CHECK(p.list() == "app 0 2.0.0 active | app 1 1.0.0 confirmed | radio 0 2.7.0 active | radio 1 1.7.0 confirmed");
  REQUIRE(p.mark(radio(2), true).reply);
  p.boot();
  CHECK(p.list() == "app 0 1.0.0 active confirmed | app 1 2.0.0 | radio 0 2.7.0 active confirmed");
}

TEST_CASE("the list of a device with two images is, byte for byte, this") {
  Pair p;
  p.board.erase_slot(0);
  const Bytes answer = p.node.server.handle(*from_hex("0800000000010500"));  // group 1, command 0, read, no body
  const std::string hash = to_hex(hash_of(radio(1)));
  // {rc: 0, images: [{image: 1, slot: 0, version: "1.7.0", hash: .., bootable, pending, confirmed, active, permanent}],
  //  splitStatus: 0}; the empty image 0 is not there.
  CHECK(to_hex(answer) == "0900009100010500" "bf6272630066696d61676573" "9fbf" "65696d61676501" "64736c6f7400"
                          "6776657273696f6e65312e372e30" "64686173685820" + hash +
                          "68626f6f7461626c65f5" "6770656e64696e67f4" "69636f6e6669726d6564f5" "66616374697665f5"
                          "697065726d616e656e74f4" "ffff" "6b73706c697453746174757300" "ff");
}

TEST_CASE("a confirm without a hash means the app") {
  Pair p;
  p.board.put(1, app(2), 0);
  p.board.put(1, radio(2), 1);
  REQUIRE(p.mark(app(2)).reply);
  REQUIRE(p.mark(radio(2)).reply);
  p.boot();
  REQUIRE(p.node.ask(smp::ImageStateWriteRequest{.confirm = true}).reply);
  CHECK(p.list() == "app 0 2.0.0 active confirmed | radio 0 2.7.0 active | radio 1 1.7.0 confirmed");
}

TEST_CASE("no image is confirmed before the device's self-test has passed") {
  Pair p;
  p.board.put(1, radio(2), 1);
  REQUIRE(p.mark(radio(2)).reply);
  p.boot();
  p.node.platform.self_test_ = SelfTest::failed;
  CHECK(p.mark(radio(2), true).error == refusal(image_rc::confirmation_denied));
}

TEST_CASE("the deadline of an image on test holds for any image") {
  Pair p;
  p.board.put(1, radio(2), 1);
  REQUIRE(p.mark(radio(2)).reply);
  p.boot();
  TestNode node(p.board);
  node.platform.confirm_deadline_ms_ = 5000;
  const auto trial = node.ask(smp::NodeTrialRequest{}).reply;
  CHECK(trial->on_test);
  CHECK(trial->left_ms == 5000);
  node.platform.uptime_ms_ = 5000;
  node.server.tick();
  CHECK(node.platform.resets_ == 1);
}

TEST_CASE("slots are erased by their number through all images, and what is needed is not") {
  Pair p;
  p.board.put(1, app(2), 0);
  p.board.put(1, radio(2), 1);
  CHECK(p.erase(4) == refusal(image_rc::invalid_slot));
  CHECK(p.erase(2) == refusal(image_rc::no_free_slot));  // runs
  REQUIRE(p.mark(radio(2)).reply);
  CHECK(p.erase(3) == refusal(image_rc::no_free_slot));  // waits for its boot
  CHECK_FALSE(p.erase(1));
  CHECK(p.list() == "app 0 1.0.0 active confirmed | radio 0 1.7.0 active confirmed | radio 1 2.7.0 pending");
  p.boot();
  REQUIRE(p.mark(radio(2), true).reply);
  CHECK_FALSE(p.erase(3));
  p.board.put(1, app(2), 0);
  CHECK_FALSE(p.erase(std::nullopt));  // without a number: the app's
  CHECK(p.list() == "app 0 1.0.0 active confirmed | radio 0 2.7.0 active confirmed");
}

TEST_CASE("an upload is for the image it names, also when it repeats what another image has under way") {
  Pair p;
  const Sha256 sha = Sha256::of(app(2));
  const auto first = [&](std::uint32_t image, std::size_t n) {
    return p.node.ask(smp::ImageUploadRequest{
        .image = image, .length = app(2).size(), .sha = sha.bytes(), .data = Bytes(app(2)).first(n)});
  };
  REQUIRE(first(0, 400).reply->offset == 400);
  CHECK(first(2, 400).error == refusal(image_rc::no_free_slot));  // there is none; and the upload goes on:
  CHECK(first(0, 400).reply->offset == 400);
  CHECK(first(1, 300).reply->offset == 300);  // not resumed: begun anew in the radio's slot
  const auto at = p.board.layouts[1].slot1.offset + boot::upgrade_offset(p.board.layout, p.board.geometry);
  CHECK(std::equal(app(2).begin(), app(2).begin() + 300, p.board.memory.begin() + at));
  CHECK(first(1, 300).reply->offset == 300);
}

TEST_CASE("an upload to one image leaves every byte of the other one alone, and its own running image too") {
  for (const std::uint32_t image : {0u, 1u}) {
    CAPTURE(image);
    Pair p;
    const Buffer before = p.board.memory;
    p.node.upload(app(2), 300, {}, image);
    const boot::Region mine = p.board.layout_of(image).slot1;
    for (std::uint32_t at = 0; at < before.size(); ++at) {
      if (at >= mine.offset && at < mine.offset + mine.size) continue;
      REQUIRE(before[at] == p.board.memory[at]);
    }
  }
}

TEST_CASE("while the radio waits for its boot or its confirmation, only the app's slot takes an upload") {
  Pair p;
  p.board.put(1, radio(2), 1);
  REQUIRE(p.mark(radio(2)).reply);
  const auto radio_chunk = smp::ImageUploadRequest{.image = 1, .length = 500, .data = Bytes(radio(1)).first(100)};
  CHECK(p.node.ask(radio_chunk).error == refusal(image_rc::no_free_slot));
  p.boot();
  CHECK(p.node.ask(radio_chunk).error == refusal(image_rc::no_free_slot));
  CHECK(p.node.upload(app(2), 400).offset == app(2).size());
}

TEST_CASE("slot info tells each image's slots and what uploads into them") {
  Pair p;
  const auto slots = p.node.ask(smp::SlotInfoRequest{}).reply->slots;
  REQUIRE(slots.size() == 4);
  CHECK(slots[2].image == 1);
  CHECK(slots[2].slot == 0);
  CHECK_FALSE(slots[2].upload_image_id);
  CHECK(slots[3].image == 1);
  CHECK(slots[3].upload_image_id == 1u);
  CHECK(slots[3].max_image_size == boot::max_image_size(p.board.layouts[1], p.board.geometry));
}

TEST_CASE("a device tells which component each image is; one that was not told so has the app") {
  Pair p;
  const auto two = p.node.ask(smp::NodeComponentsRequest{}).reply->components;
  REQUIRE(two.size() == 2);
  CHECK(two[0].name == "app");
  CHECK(two[1].image == 1);
  CHECK(two[1].name == "radio");
  Board board;
  TestNode single(board);
  const auto one = single.ask(smp::NodeComponentsRequest{}).reply->components;
  REQUIRE(one.size() == 1);
  CHECK(one[0].image == 0);
  CHECK(one[0].name == "app");
}
