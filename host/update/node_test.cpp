// The executor against the real device code (boot, swap, agent) in this process, with the host killed at
// every message that it sends or receives.
#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <set>

#include "host/base/text.hpp"
#include "host/delta/patch.hpp"
#include "host/update/executor.hpp"
#include "host/update/test_node_link.hpp"

namespace lockstep::update {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct World {
  Fate fate;
  FakeJournal journal{fate};
  Device device;
  VerifiedImage image;
  Job job;
  JobWatch watch;
  std::optional<JobResult> result;

  World(const Buffer& old_file, const Buffer& new_file, boot::Mode mode = boot::Mode::swap)
      : device(old_file, node_options(mode)), image(verified(new_file)) {
    job = {.id = "job-1",
           .link = {.transport = link::Transport::udp, .framing = link::Framing::datagram, .host = "node"},
           .identity = {.board = "node-m3", .serial = "SN1"},
           .image_hash = image.hash(),
           .image = [this] { return provide(image); }};
    job.policy = {.return_total = 60s,
                  .return_quiet = 1ms,
                  .return_every = 1ms,
                  .reset_grace = 100ms,
                  .health_total = 4ms,
                  .health_every = 1ms,
                  .link_retries = 50,
                  .backoff_first = 1ms,
                  .backoff_most = 1ms};
  }

  static asio::awaitable<Outcome<VerifiedImage>> provide(VerifiedImage image) { co_return image; }

  void live() {
    asio::io_context context;
    result.reset();
    const link::LinkOpener opener = [this](asio::any_io_executor executor, link::LinkUri) {
      return open_node(executor, device, fate);
    };
    const JobRecord from = journal.records.empty() ? JobRecord{.job_id = job.id} : journal.records.back();
    asio::co_spawn(context,
                   run_job(job, from, session::smp_clients(context.get_executor(), opener), journal, watch),
                   [this](std::exception_ptr e, JobResult r) {
                     if (e) std::rethrow_exception(e);
                     result = std::move(r);
                   });
    while (!result && !fate.killed && context.run_one_for(20s) > 0) {
    }
    REQUIRE((result || fate.killed));
  }

  std::string running_hash() const { return to_hex(device.node.report()->image.image_hash); }
};

asio::awaitable<Outcome<Buffer>> give_patch(Buffer patch) { co_return patch; }

const Buffer& old_app() {
  static const Buffer file = signed_app({1, 0, 0, 0});
  return file;
}
const Buffer& good_app() {
  static const Buffer file = signed_app({2, 0, 0, 0});
  return file;
}
const Buffer& hanging_app() {
  static const Buffer file = signed_app({2, 1, 0, 0}, agent::AppDescriptor::hang_after_boot);
  return file;
}
const Buffer& unhealthy_app() {
  static const Buffer file = signed_app({2, 2, 0, 0}, agent::AppDescriptor::unhealthy);
  return file;
}

TEST_CASE("the real device code is updated, tested, checked and confirmed") {
  World world(old_app(), good_app());
  world.live();
  CAPTURE(world.result->facts.reason);
  CHECK(world.result->state == State::succeeded);
  CHECK(world.result->facts.old_version == "1.0.0");
  CHECK(world.running_hash() == world.image.hash());
  world.device.node.power_on(std::chrono::steady_clock::now());  // and it stays after another reset
  CHECK(world.running_hash() == world.image.hash());
}

// A provider of patches from `base`, whatever the device says that it runs.
PatchProvider patches_from(const Buffer& base, const Buffer& target, int& asked) {
  return [&](std::string, session::PatchLimits limits) -> asio::awaitable<Outcome<Buffer>> {
    ++asked;
    return give_patch(delta::make_patch(base, target, {limits.target_window, limits.delta_window}));
  };
}

TEST_CASE("a device that takes patches gets one, and runs the same image afterwards") {
  World world(old_app(), good_app());
  int asked = 0;
  world.job.patch = patches_from(old_app(), good_app(), asked);
  world.live();
  CAPTURE(world.result->facts.reason);
  CHECK(world.result->state == State::succeeded);
  CHECK(world.running_hash() == world.image.hash());
  CHECK(asked == 1);
  CHECK(world.result->facts.patch_failures == 0);
  CHECK(world.result->facts.saved_bytes > good_app().size() / 2);
}

TEST_CASE("a patch that fails twice is followed by the whole image") {
  World world(old_app(), good_app());
  int asked = 0;
  world.job.patch = patches_from(hanging_app(), good_app(), asked);
  world.live();
  CHECK(world.result->state == State::succeeded);
  CHECK(world.running_hash() == world.image.hash());
  CHECK(asked == 2);
  CHECK(world.result->facts.patch_failures == 2);
  CHECK(world.result->facts.saved_bytes == 0);
}

TEST_CASE("an application that hangs goes back by its watchdog, and that is recognised") {
  World world(old_app(), hanging_app());
  world.live();
  CAPTURE(world.result->facts.reason);
  CHECK(world.result->state == State::reverted);
  CHECK(world.running_hash() == verified(old_app()).hash());
  CHECK(world.result->facts.reason.find("1.0.0") != std::string::npos);
}

TEST_CASE("an application that is not well is sent back, with its own words") {
  World world(old_app(), unhealthy_app());
  world.live();
  CHECK(world.result->state == State::reverted);
  CHECK(world.running_hash() == verified(old_app()).hash());
  CHECK(world.result->facts.reason.find("the self-test failed") != std::string::npos);
}

TEST_CASE("an image whose key the device does not know is refused by its bootloader, and that is noticed") {
  // The host trusts both keys here; the device does not.
  const PrivateKey stranger = *PrivateKey::generate();
  const Buffer foreign = signed_app({3, 0, 0, 0}, 0, 6000, stranger);
  World world(old_app(), good_app());
  const mcuboot::PublicKey key = stranger.public_key().mcuboot();
  world.image = *VerifiedImage::verify(foreign, std::span(&key, 1));
  world.job.image_hash = world.image.hash();
  world.live();
  CHECK(world.result->state == State::reverted);
  CHECK(world.result->facts.reason.find("never seen running") != std::string::npos);
  CHECK(world.running_hash() == verified(old_app()).hash());
}

TEST_CASE("a device that loads into RAM is refused before anything is written") {
  World world(old_app(), good_app(), boot::Mode::ram_load);
  const Buffer before = world.device.memory;
  world.live();
  CHECK(world.result->state == State::failed);
  CHECK(world.result->facts.reason.find("RAM load") != std::string::npos);
  CHECK(world.device.memory == before);
}

TEST_CASE("a device that overwrites is updated without a trial") {
  World world(old_app(), good_app(), boot::Mode::overwrite_only);
  world.live();
  CAPTURE(world.result->facts.reason);
  CHECK(world.result->state == State::succeeded);
  CHECK(world.running_hash() == world.image.hash());
}

struct Kills {
  int points = 0;
  std::set<State> states;
};

Kills kill_at_every_message(const Buffer& app, State end) {
  Kills kills;
  const std::string wanted = end == State::succeeded ? verified(app).hash() : verified(old_app()).hash();
  for (int n = 0; n < 2000; ++n) {
    CAPTURE(n);
    World world(old_app(), app);
    world.fate.kill_at = n;
    world.live();
    if (!world.fate.killed) return kills;
    ++kills.points;
    kills.states.insert(world.journal.records.empty() ? State::queued : world.journal.records.back().state);
    world.fate = {};
    world.live();
    CAPTURE(world.result->facts.reason);
    CHECK(name(world.result->state) == name(end));
    CHECK(world.running_hash() == wanted);
  }
  FAIL("the job never ended");
  return kills;
}

TEST_CASE("a host killed at every message of an update ends with the device on the new image") {
  const Kills kills = kill_at_every_message(good_app(), State::succeeded);
  CHECK(kills.points > 60);
  CHECK(kills.states.size() == 10);  // queued, every state of the way, and the end
}

TEST_CASE("a host killed at every message of a hanging update ends with the device on its old image") {
  const Kills kills = kill_at_every_message(hanging_app(), State::reverted);
  CHECK(kills.states.contains(State::returning));
}

TEST_CASE("a host killed at every message of an unhealthy update ends with the device on its old image") {
  const Kills kills = kill_at_every_message(unhealthy_app(), State::reverted);
  CHECK(kills.states.contains(State::reverting));
}

TEST_CASE("a device that loses its power at any moment of the upload is updated all the same") {
  // Its RAM forgets the upload, its flash does not; the host lives on.
  for (int cut = 1; cut < 60; cut += 3) {
    CAPTURE(cut);
    World world(old_app(), good_app());
    struct Cutter final : JobWatch {
      World* w = nullptr;
      int left = 0;
      bool cancel_wanted() override {  // asked often; never wants it
        if (left > 0 && --left == 0) w->device.node.power_on(std::chrono::steady_clock::now());
        return false;
      }
    } cutter;
    cutter.w = &world;
    cutter.left = cut;
    asio::io_context context;
    const link::LinkOpener opener = [&](asio::any_io_executor executor, link::LinkUri) {
      return open_node(executor, world.device, world.fate);
    };
    asio::co_spawn(context,
                   run_job(world.job, JobRecord{.job_id = "job-1"},
                           session::smp_clients(context.get_executor(), opener), world.journal, cutter),
                   [&](std::exception_ptr, JobResult r) { world.result = std::move(r); });
    while (!world.result && context.run_one_for(20s) > 0) {
    }
    REQUIRE(world.result);
    CHECK(name(world.result->state) == "succeeded");
    CHECK(world.running_hash() == world.image.hash());
  }
}

}  // namespace
}  // namespace lockstep::update
