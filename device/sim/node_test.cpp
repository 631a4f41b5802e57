#include "device/sim/node.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "device/sim/test_node.hpp"
#include "host/delta/patch.hpp"
#include "protocols/smp/file_group.hpp"
#include "protocols/smp/node_group.hpp"
#include "protocols/smp/settings_group.hpp"

using namespace lockstep;
using namespace lockstep::sim;
using boot::testing::hash_of;
using boot::testing::make_image;

namespace {

std::string descriptor(std::uint32_t flags, std::string_view version) {
  agent::AppDescriptor d{.flags = flags, .name = "thermostat"};
  std::copy(version.begin(), version.end(), d.version);
  std::string bytes(sizeof d, '\0');
  std::memcpy(bytes.data(), &d, sizeof d);
  return bytes;
}

Buffer image(std::uint8_t major, std::uint32_t flags = 0) {
  return make_image({.version = {major, 0, 0, 0},
                     .payload_size = 1500,
                     .payload_prefix = descriptor(flags, std::to_string(major) + ".0")});
}

struct Bench : sim::testing::TestNode {
  explicit Bench(boot::Mode mode = boot::Mode::swap) : TestNode(mode) { board.put(0, image(1)); }

  Node& start() {
    NodeOptions options;
    options.faults = faults;
    options.self_test = self_test;
    options.confirm_deadline = confirm_deadline;
    power_on(options);
    return *node;
  }
  // Puts an image into slot 1 and asks for a test of it, then restarts.
  void update_to(const Buffer& next) {
    board.put(1, next);
    board.request(boot::SwapType::test);
    reset();
  }

  Faults faults{};
  Milliseconds self_test{0}, confirm_deadline{0};
};

}  // namespace

TEST_CASE("a node is deaf while it boots, then answers as itself") {
  Bench b;
  b.start();
  CHECK(b.version() == "none");
  b.pass(199);
  CHECK(b.version() == "none");
  CHECK(b.node->deadline() == b.now + Milliseconds(1));
  b.pass(1);
  CHECK(b.version() == "1.0.0");
  CHECK_FALSE(b.node->deadline());
  CHECK(b.ask(smp::NodeIdentityRequest{})->serial == "SIM-1");
  CHECK(b.log.find("boot: slot=0 version=1.0.0") != std::string::npos);
  CHECK(b.log.find("app: thermostat 1.0 slot=0 ready") != std::string::npos);
}

TEST_CASE("a reset is answered, then the node boots what was marked") {
  Bench b;
  b.start();
  b.pass(200);
  b.update_to(image(2));
  CHECK(b.version() == "2.0.0");
  CHECK(b.ask(smp::NodeHealthRequest{})->healthy);
}

TEST_CASE("an application that hangs is reset by the watchdog, and the old one comes back") {
  Bench b;
  b.start();
  b.pass(200);
  b.update_to(image(2, agent::AppDescriptor::hang_after_boot));
  CHECK(b.version() == "none");
  b.pass(1999);
  CHECK(b.version() == "none");
  b.pass(1);  // the watchdog
  CHECK(b.log.find("watchdog: ") != std::string::npos);
  b.pass(200);
  CHECK(b.version() == "1.0.0");
  CHECK(b.node->report()->action == boot::Action::reverted);
}

TEST_CASE("an application that is not well says so") {
  Bench b;
  b.start();
  b.pass(200);
  b.update_to(image(2, agent::AppDescriptor::unhealthy));
  CHECK(b.version() == "2.0.0");
  CHECK_FALSE(b.ask(smp::NodeHealthRequest{})->healthy);
}

TEST_CASE("a node without a valid image stays in the bootloader and waits for nothing") {
  Bench b;
  b.board.memory[700] ^= std::byte{1};
  b.start();
  CHECK_FALSE(b.node->deadline());
  b.pass(100000);
  CHECK(b.version() == "none");
  CHECK(b.log.find("boot: halted") != std::string::npos);
}

TEST_CASE("faults on demand: silent, unhealthy, lost answers, gone before the answer to a reset") {
  SUBCASE("silent") {
    Bench b;
    b.faults.silent = true;
    b.start();
    b.pass(200);
    CHECK(b.version() == "none");
  }
  SUBCASE("unhealthy") {
    Bench b;
    b.faults.unhealthy = true;
    b.start();
    b.pass(200);
    CHECK_FALSE(b.ask(smp::NodeHealthRequest{})->healthy);
  }
  SUBCASE("every third answer is lost") {
    Bench b;
    b.faults.drop_every = 3;
    b.start();
    b.pass(200);
    int answers = 0;
    for (int i = 0; i < 9; ++i) answers += b.version() != "none" ? 1 : 0;
    CHECK(answers == 6);
  }
  SUBCASE("no answer to the reset, which happens") {
    Bench b;
    b.faults.no_reset_answer = true;
    b.start();
    b.pass(200);
    CHECK_FALSE(b.ask(smp::ResetRequest{}));
    b.pass(50);
    CHECK(b.version() == "none");
    b.pass(200);
    CHECK(b.version() == "1.0.0");
  }
}

TEST_CASE("in direct-xip an application that hangs is erased after its trial, and the other slot runs") {
  Bench b(boot::Mode::direct_xip);
  b.start();
  b.pass(200);
  b.update_to(image(2, agent::AppDescriptor::hang_after_boot));
  CHECK(b.log.find("boot: slot=1 version=2.0.0") != std::string::npos);
  b.pass(5000);
  b.pass(200);
  CHECK(b.log.find("action=reverted") != std::string::npos);
  CHECK(b.version() == "1.0.0");
  CHECK(b.ask(smp::ImageStateRequest{})->images.size() == 1);
}

TEST_CASE("where the other slot is empty, no image is said to be refused") {
  for (const boot::Mode mode : {boot::Mode::direct_xip, boot::Mode::ram_load}) {
    CAPTURE(boot::text(mode));
    Bench b(mode);
    b.start();
    CHECK(b.log.find("boot: slot=0 version=1.0.0") != std::string::npos);
    CHECK(b.log.find("refused") == std::string::npos);
  }
}

TEST_CASE("in ram-load the newest image runs and the slot it lies in is the active one") {
  Bench b(boot::Mode::ram_load);
  b.board.put(1, image(2));
  b.start();
  b.pass(200);
  const auto state = b.ask(smp::ImageStateRequest{});
  REQUIRE(state);
  CHECK_FALSE(state->images[0].active);
  CHECK(state->images[1].active);
}

TEST_CASE("an image on test that nobody confirms in time is reverted by the device itself") {
  Bench b;
  b.confirm_deadline = Milliseconds(5000);
  b.start();
  b.pass(200);
  CHECK_FALSE(b.node->deadline());  // the running image is confirmed
  b.update_to(image(2));
  CHECK(b.version() == "2.0.0");
  CHECK(b.node->deadline() == b.now + Milliseconds(5000));
  b.pass(4999);
  CHECK(b.version() == "2.0.0");
  CHECK(b.ask(smp::NodeTrialRequest{})->left_ms == 1);
  b.pass(1);
  b.pass(50);
  b.pass(200);
  CHECK(b.version() == "1.0.0");
  CHECK(b.node->report()->action == boot::Action::reverted);
  CHECK(b.log.find("nobody confirmed in time") != std::string::npos);
}

TEST_CASE("an image that is confirmed in time stays, and its device waits for nothing more") {
  Bench b;
  b.confirm_deadline = Milliseconds(5000);
  b.start();
  b.pass(200);
  b.update_to(image(2));
  b.pass(4000);
  REQUIRE(b.ask(smp::ImageStateWriteRequest{.confirm = true}));
  b.pass(1000);
  CHECK_FALSE(b.node->deadline());
  b.pass(100000);
  CHECK(b.version() == "2.0.0");
}

TEST_CASE("a confirmation waits for the self-test, and an application whose self-test failed gets none") {
  Bench b;
  b.self_test = Milliseconds(1000);
  b.start();
  b.pass(200);
  b.update_to(image(2));
  const smp::ImageStateWriteRequest confirm{.confirm = true};
  const smp::ServerError denied(smp::group::image, smp::image_rc::confirmation_denied);
  CHECK(b.ask(smp::NodeHealthRequest{})->self_test == "running");
  CHECK_FALSE(b.ask(confirm));
  CHECK(b.error == denied);
  b.pass(1000);
  CHECK(b.ask(smp::NodeHealthRequest{})->self_test == "passed");
  CHECK(b.ask(confirm));

  Bench sick;
  sick.start();
  sick.pass(200);
  sick.update_to(image(2, agent::AppDescriptor::unhealthy));
  CHECK(sick.ask(smp::NodeHealthRequest{})->self_test == "failed");
  CHECK_FALSE(sick.ask(confirm));
  CHECK(sick.error == denied);
}

TEST_CASE("the log that can be downloaded outlives resets, and tells why the device came back with the old image") {
  Bench b;
  b.start();
  b.pass(200);
  b.update_to(image(2, agent::AppDescriptor::hang_after_boot));
  b.pass(2000);
  b.pass(200);
  const auto chunk = b.ask(smp::FileDownloadRequest{.name = "/log"});
  REQUIRE(chunk);
  const std::string log(as_text(chunk->data));
  CHECK(log == b.log.substr(0, log.size()));
  CHECK(log.find("watchdog: the application hangs") != std::string::npos);
  CHECK(log.find("action=reverted") != std::string::npos);
}

TEST_CASE("settings that were saved outlive an update and a power cut") {
  Bench b;
  b.start();
  b.pass(200);
  REQUIRE(b.ask(smp::SettingWriteRequest{.name = "feature/eco", .value = as_bytes("on")}));
  REQUIRE(b.ask(smp::SettingsSaveRequest{}));
  b.update_to(image(2));
  b.start();  // the power was cut: RAM is gone
  b.pass(200);
  CHECK(as_text(b.ask(smp::SettingReadRequest{.name = "feature/eco"})->value) == "on");
}

TEST_CASE("a node takes a patch of its image, loses power on the way, goes on, and runs the new image") {
  Bench b;
  b.start();
  b.pass(200);
  const Buffer patch = delta::make_patch(image(1), image(2), {.target = 400, .delta = 200});
  const auto sha = Sha256::of(patch);
  const auto limits = b.ask(smp::NodePatchesRequest{});
  REQUIRE(limits);
  CHECK(limits->delta_window == 3072);
  std::uint64_t first_answer = 0;
  const auto send = [&](std::uint64_t until) {
    for (std::uint64_t at = 0; at < until;) {
      smp::ImageUploadRequest request{.offset = at, .data = Bytes(patch).subspan(at, std::min<std::size_t>(100, patch.size() - at))};
      if (at == 0) request.length = patch.size();
      if (at == 0) request.sha = sha.bytes();
      const auto reply = b.ask(request);
      REQUIRE(reply);
      if (at == 0) first_answer = reply->offset;
      at = reply->offset;
      if (at == patch.size()) CHECK(reply->match == true);
    }
  };
  send(patch.size() - 100);
  b.start();  // RAM is gone, the flash is not
  b.pass(200);
  send(patch.size());
  CHECK(first_answer > 100);
  CHECK(b.version() == "1.0.0");
  REQUIRE(b.ask(smp::ImageStateWriteRequest{.hash = hash_of(image(2))}));
  REQUIRE(b.ask(smp::ResetRequest{}));
  b.pass(50);
  b.pass(200);
  CHECK(b.version() == "2.0.0");
}
