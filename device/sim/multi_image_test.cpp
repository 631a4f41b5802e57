// A node of two images, app and radio: tried together, kept and reverted one by one, whatever cuts the power.
#include <doctest/doctest.h>

#include <cstring>

#include "device/sim/test_node.hpp"
#include "protocols/smp/node_group.hpp"

using namespace lockstep;
using namespace lockstep::sim;
using boot::testing::hash_of;
using boot::testing::make_image;

namespace {

Buffer image(std::uint8_t major, std::string_view name, std::uint32_t flags = 0) {
  agent::AppDescriptor d{.flags = flags};
  std::copy(name.begin(), name.end(), d.name);
  std::string prefix(sizeof d, '\0');
  std::memcpy(prefix.data(), &d, sizeof d);
  return make_image({.version = {major, 0, 0, 0}, .payload_size = 1500, .payload_prefix = prefix});
}
const Buffer& app(std::uint8_t major) {
  static const Buffer images[] = {image(1, "app"), image(2, "app")};
  return images[major - 1];
}
const Buffer& radio(std::uint8_t major) {
  static const Buffer images[] = {image(1, "radio"), image(2, "radio")};
  return images[major - 1];
}
const Buffer& unwell_radio() {
  static const Buffer made = image(2, "radio", agent::AppDescriptor::unhealthy);
  return made;
}

struct Pair : sim::testing::TestNode {
  Pair() : TestNode({"app", "radio"}) {
    board.put(0, app(1), 0);
    board.put(0, radio(1), 1);
  }
  void start() {
    NodeOptions options;
    options.confirm_deadline = confirm_deadline;
    power_on(options);
    pass(200);
  }
  void upload(const Buffer& bytes, std::uint32_t number) {
    for (std::uint64_t at = 0; at < bytes.size();) {
      smp::ImageUploadRequest chunk{
          .offset = at, .data = Bytes(bytes).subspan(at, std::min<std::size_t>(700, bytes.size() - at))};
      if (at == 0) chunk.image = number;
      if (at == 0) chunk.length = bytes.size();
      const auto reply = ask(chunk);
      REQUIRE(reply);
      at = reply->offset;
    }
  }
  bool write_state(const Buffer& bytes, bool confirm) {
    return ask(smp::ImageStateWriteRequest{.hash = hash_of(bytes), .confirm = confirm}).has_value();
  }
  // Both new images are in their slots and asked for.
  void ask_for_both(const Buffer& new_radio = radio(2)) {
    upload(app(2), 0);
    upload(new_radio, 1);
    REQUIRE(write_state(app(2), false));
    REQUIRE(write_state(new_radio, false));
  }
  // What runs: "2 2c" for an app in version 2 on test beside a confirmed radio in version 2.
  std::string running() {
    const auto state = ask(smp::ImageStateRequest{});
    if (!state) return "nothing";
    std::string text;
    for (const smp::ImageState& i : state->images) {
      if (!i.active) continue;
      if (!text.empty()) text += ' ';
      text += i.version.substr(0, 1);
      if (i.confirmed) text += 'c';
    }
    return text;
  }

  Milliseconds confirm_deadline{0};
};

}  // namespace

TEST_CASE("a node of two images tells both, and which component each is") {
  Pair p;
  p.start();
  CHECK(p.running() == "1c 1c");
  const auto components = p.ask(smp::NodeComponentsRequest{});
  REQUIRE(components);
  REQUIRE(components->components.size() == 2);
  CHECK(components->components[0].name == "app");
  CHECK(components->components[1].name == "radio");
  CHECK(p.log.find("boot: slot=0 version=1.0.0") != std::string::npos);
  CHECK(p.log.find("boot: radio: slot=0 version=1.0.0") != std::string::npos);
}

TEST_CASE("two images are tried together by one reset; the one that is confirmed stays, the other one reverts alone") {
  for (const bool keep_app : {true, false}) {
    CAPTURE(keep_app);
    Pair p;
    p.start();
    p.ask_for_both();
    CHECK(p.running() == "1c 1c");
    p.reset();
    CHECK(p.running() == "2 2");
    REQUIRE(p.write_state(keep_app ? app(2) : radio(2), true));
    p.reset();
    CHECK(p.running() == (keep_app ? "2c 1c" : "1c 2c"));
    CHECK(p.node->report(keep_app ? 1 : 0)->action == boot::Action::reverted);
    CHECK(p.node->report(keep_app ? 0 : 1)->action == boot::Action::none);
  }
}

TEST_CASE("a radio that is not well makes the node unwell, which says so, and nothing is confirmed") {
  Pair p;
  p.start();
  CHECK(p.ask(smp::NodeHealthRequest{})->healthy);
  p.ask_for_both(unwell_radio());
  p.reset();
  const auto health = p.ask(smp::NodeHealthRequest{});
  REQUIRE(health);
  CHECK_FALSE(health->healthy);
  CHECK(health->detail == "the component radio is not well");
  CHECK_FALSE(p.write_state(app(2), true));
  CHECK(p.error == smp::ServerError(smp::group::image, smp::image_rc::confirmation_denied));
  p.reset();
  CHECK(p.running() == "1c 1c");
  CHECK(p.ask(smp::NodeHealthRequest{})->healthy);
}

TEST_CASE("a radio on test that nobody confirms in time is reverted, though the app was confirmed") {
  Pair p;
  p.confirm_deadline = Milliseconds(5000);
  p.start();
  p.ask_for_both();
  p.reset();
  REQUIRE(p.write_state(app(2), true));
  p.pass(5000);
  p.pass(50);
  p.pass(200);
  CHECK(p.running() == "2c 1c");
}

TEST_CASE("a node of which one image may not run stays in the bootloader") {
  Pair p;
  p.board.memory[p.board.layouts[1].slot0.offset + 700] ^= std::byte{1};
  p.start();
  CHECK(p.running() == "nothing");
  CHECK(p.log.find("boot: radio: halted") != std::string::npos);
  CHECK(p.node->report(0) == nullptr);
}

TEST_CASE("a power cut at any flash operation of a boot that tries two images leaves no image broken, and both on test") {
  Pair asked;
  asked.start();
  asked.ask_for_both();
  const std::uint32_t before = asked.counting.operations();
  const Buffer memory = asked.board.memory;
  asked.reset();
  REQUIRE(asked.running() == "2 2");
  const std::uint32_t total = asked.counting.operations() - before;
  REQUIRE(total > 20);
  for (const auto last : {boot::CutFlash::Last::skipped, boot::CutFlash::Last::torn, boot::CutFlash::Last::torn_late}) {
    for (std::uint32_t at = 1; at <= total; ++at) {
      CAPTURE(at);
      CAPTURE(static_cast<int>(last));
      Pair p;
      p.board.memory = memory;
      p.counting = boot::CutFlash(p.flash, at, last);
      p.start();
      CHECK(p.counting.is_cut());
      p.counting.power_on(boot::CutFlash::never);
      p.start();
      CHECK(p.running() == "2 2");
      p.reset();
      CHECK(p.running() == "1c 1c");
    }
  }
}
