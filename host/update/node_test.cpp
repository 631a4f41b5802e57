// The executor against the real device code (boot, swap, agent) in this process, with the host killed at
// every message that it sends or receives.
#include <doctest/doctest.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <set>

#include "device/boot/memory_flash.hpp"
#include "device/sim/node.hpp"
#include "host/base/text.hpp"
#include "host/delta/patch.hpp"
#include "host/update/executor.hpp"
#include "host/update/fake_board.hpp"
#include "host/update/test_images.hpp"

namespace lockstep::update {
namespace {

using namespace std::chrono_literals;
using namespace test;

constexpr std::uint32_t sector = 4096;
constexpr std::uint32_t slot_bytes = 4 * sector;

boot::Layout layout(boot::Mode mode) {
  return {.mode = mode,
          .slot0 = {0, slot_bytes},
          .slot1 = {slot_bytes, slot_bytes + sector},
          .ratchet = {2 * slot_bytes + sector, 2 * sector}};
}

sim::NodeOptions node_options(boot::Mode mode) {
  sim::NodeOptions options;
  options.layout = layout(mode);
  options.keys = {signing_key().public_key().mcuboot()};
  options.serial = "SN1";
  options.buffer_size = 2048;
  options.boot_time = 2ms;
  options.reset_delay = 1ms;
  options.watchdog = 3ms;
  return options;
}

// A device with its flash; lives on when the host dies.
struct Device {
  boot::Geometry geometry{.size = 2 * slot_bytes + 3 * sector, .sector_size = sector, .write_align = 8};
  Buffer memory = Buffer(geometry.size, boot::erased_byte);
  boot::MemoryFlash flash{geometry, memory};
  sim::Node node;

  explicit Device(const Buffer& seed, sim::NodeOptions options)
      : node((std::ranges::copy(seed, memory.begin()), flash), std::move(options),
             [](const std::string&) {}) {
    node.power_on(std::chrono::steady_clock::now());
  }
  void pass_time() {
    const auto now = std::chrono::steady_clock::now();
    while (node.deadline() && *node.deadline() <= now) node.tick(now);
  }
};

// One packet, one message. A device that does not run refuses packets, as a UDP port that nobody listens on.
class NodeLink final : public link::Link {
 public:
  NodeLink(asio::any_io_executor executor, Device& device, Fate& fate)
      : device_(device), fate_(fate), wake_(executor, std::chrono::steady_clock::time_point::max()) {}

  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes into) override {
    co_await fate_.point();
    while (answers_.empty()) {
      (void)co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto stop = co_await asio::this_coro::cancellation_state;
      if (stop.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "stopped");
    }
    const Buffer answer = std::move(answers_.front());
    answers_.pop_front();
    std::ranges::copy(answer, into.begin());
    co_return answer.size();
  }

  asio::awaitable<Outcome<void>> write_all(Bytes bytes) override {
    co_await fate_.point();
    device_.pass_time();
    if (!device_.node.is_running()) co_return fail(ErrorKind::unreachable, "node: connection refused");
    const Bytes answer = device_.node.handle(bytes, std::chrono::steady_clock::now());
    if (!answer.empty()) answers_.push_back(to_buffer(answer));
    wake_.cancel();
    co_return Outcome<void>();
  }

  void close() override {}
  const std::string& name() const override { return name_; }

 private:
  Device& device_;
  Fate& fate_;
  asio::steady_timer wake_;
  std::deque<Buffer> answers_;
  std::string name_ = "node";
};

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
      return open(executor, device, fate);
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

  static asio::awaitable<Outcome<std::unique_ptr<link::Link>>> open(asio::any_io_executor executor,
                                                                    Device& device, Fate& fate) {
    std::unique_ptr<link::Link> link = std::make_unique<NodeLink>(executor, device, fate);
    co_return link;
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
      return World::open(executor, world.device, world.fate);
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
