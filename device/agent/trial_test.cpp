#include "device/agent/trial.hpp"

#include <doctest/doctest.h>

#include "device/agent/test_node.hpp"

using namespace lockstep;
using namespace lockstep::agent;
using namespace lockstep::agent::testing;
using boot::SwapType;
using smp::ServerError;

namespace {

// A device whose running image 2 is on test, booted by the real boot code; image 1 is the way back.
struct OnTest {
  explicit OnTest(boot::Mode mode = boot::Mode::swap) : board(mode) {
    board.put(0, make_image({.version = {1, 0, 0, 0}}));
    board.put(1, make_image({.version = {2, 0, 0, 0}}));
    board.request(SwapType::test);
    boot();
  }
  void boot() {
    const auto report = board.boot();
    REQUIRE(report);
    version = report->image.header.version.major;
    node.emplace(board);
    node->platform.active_slot_ = report->slot;
    node->platform.confirm_deadline_ms_ = 5000;
  }
  ServerError confirm() { return node->ask(smp::ImageStateWriteRequest{.confirm = true}).error; }
  // The time goes by and the device does what it does then.
  void pass_until(std::uint64_t ms) {
    node->platform.uptime_ms_ = ms;
    node->server.tick();
    if (node->platform.resets_ > 0) boot();
  }
  smp::NodeTrialReply trial() { return *node->ask(smp::NodeTrialRequest{}).reply; }

  Board board;
  std::optional<TestNode> node;
  int version = 0;
};

constexpr auto modes = {boot::Mode::swap, boot::Mode::direct_xip};

}  // namespace

TEST_CASE("an image whose self-test failed or runs is not confirmed, and one that passed is") {
  for (const boot::Mode mode : modes) {
    CAPTURE(boot::text(mode));
    OnTest d(mode);
    for (const SelfTest result : {SelfTest::failed, SelfTest::running}) {
      d.node->platform.self_test_ = result;
      CHECK(d.confirm() == ServerError(smp::group::image, smp::image_rc::confirmation_denied));
      CHECK(d.trial().on_test);
    }
    d.node->platform.self_test_ = SelfTest::passed;
    CHECK_FALSE(d.confirm());
    CHECK_FALSE(d.trial().on_test);
    // Confirmed is confirmed; saying it again changes nothing and is not refused.
    d.node->platform.self_test_ = SelfTest::failed;
    CHECK_FALSE(d.confirm());
    d.boot();
    CHECK(d.version == 2);
  }
}

TEST_CASE("the health says how the self-test went, and is not good before it passed") {
  OnTest d;
  const auto health = [&] { return *d.node->ask(smp::NodeHealthRequest{}).reply; };
  CHECK(health().healthy);
  CHECK(health().self_test == "passed");
  d.node->platform.self_test_ = SelfTest::running;
  CHECK_FALSE(health().healthy);
  CHECK(health().self_test == "running");
  CHECK(health().detail == "the self-test has not finished");
  d.node->platform.self_test_ = SelfTest::failed;
  CHECK_FALSE(health().healthy);
  CHECK(health().self_test == "failed");
  CHECK(health().detail == "the self-test failed");
  d.node->platform.health_ = {.healthy = false, .detail = "no sensor"};
  CHECK(health().detail == "no sensor");
}

TEST_CASE("an image that nobody confirms in time is given up by the device itself") {
  for (const boot::Mode mode : modes) {
    CAPTURE(boot::text(mode));
    OnTest d(mode);
    CHECK(d.version == 2);
    d.pass_until(4999);
    CHECK(d.version == 2);
    CHECK(d.trial().deadline_ms == 5000);
    CHECK(d.trial().left_ms == 1);
    d.pass_until(5000);
    CHECK(d.version == 1);
    // The old image runs for good.
    d.pass_until(5000);
    d.pass_until(50000);
    CHECK(d.node->platform.resets_ == 0);
    CHECK_FALSE(d.trial().on_test);
    CHECK(d.trial().left_ms == 0);
  }
}

TEST_CASE("a confirmed image, and a device without a deadline, wait for nothing") {
  OnTest confirmed;
  confirmed.pass_until(4000);
  CHECK_FALSE(confirmed.confirm());
  OnTest patient;
  patient.node->platform.confirm_deadline_ms_ = 0;
  for (OnTest* d : {&confirmed, &patient}) {
    d->pass_until(50000);
    CHECK(d->version == 2);
    CHECK(d->node->platform.resets_ == 0);
  }
}

TEST_CASE("a failed self-test leaves the device reachable until the deadline") {
  OnTest d;
  d.node->platform.self_test_ = SelfTest::failed;
  d.pass_until(4999);
  CHECK(d.version == 2);
  d.pass_until(5000);
  CHECK(d.version == 1);
}

TEST_CASE("a reset is asked for once, though the platform takes its time") {
  OnTest d;
  d.node->platform.uptime_ms_ = 6000;
  for (int i = 0; i < 10; ++i) d.node->server.tick();
  CHECK(d.node->platform.resets_ == 1);
}
