#include "host/rollout/coordinator.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <random>

#include "host/base/supervise.hpp"
#include "host/base/temp_dir.hpp"
#include "host/rollout/commands.hpp"
#include "host/store/verify.hpp"

using namespace lockstep;
using namespace lockstep::rollout;

namespace asio = boost::asio;

namespace {

template <class T>
T must(Outcome<T> outcome) {
  REQUIRE_MESSAGE(outcome, outcome.error().what);
  return *std::move(outcome);
}
void must(Outcome<void> outcome) { REQUIRE_MESSAGE(outcome, outcome.error().what); }

const std::string release = "thermostat@2.0.0", image_hash(64, 'f'), old_hash(64, '0');

void fill(store::Store& store, int devices) {
  const std::string envelope(64, 'a');
  must(store.append(store::ArtefactAdded{.digest = envelope, .size = 1, .role = "envelope", .name = "x"}));
  must(store.append(store::ReleaseAdded{
      .release = release, .product = "thermostat", .version = "2.0.0", .title = "", .manifest_digest = std::string(64, 'd'),
      .envelope_digest = envelope, .key_ids = {},
      .images = {{.component = "app", .version = "2.0.0", .file_digest = std::string(64, 'e'), .image_hash = image_hash, .size = 9}}}));
  for (int n = 1; n <= devices; ++n) must(store.append(store::DeviceAdded{.device = "d" + std::to_string(n), .serial = std::to_string(n)}));
}

std::vector<std::string> names(int from, int to) {
  std::vector<std::string> out;
  for (int n = from; n <= to; ++n) out.push_back("d" + std::to_string(n));
  return out;
}

template <class F, class R>
asio::awaitable<void> answer(store::StoreThread& store, F function, std::optional<R>& out) {
  auto result = co_await store.run(std::move(function));
  out = std::move(result);
}

// A daemon in small: store, coordinator, and an executor that only remembers what it was told to start.
struct Daemon final : jobs::JobStarter {
  std::vector<std::string> started;
  Time time = now();
  asio::io_context loop;  // before the store: its thread lets go of our executors only when it is joined
  std::unique_ptr<store::StoreThread> store;
  std::unique_ptr<Coordinator> coordinator;

  explicit Daemon(const std::filesystem::path& state) {
    store = std::make_unique<store::StoreThread>(must(store::Store::open(state)));
    coordinator = std::make_unique<Coordinator>(loop.get_executor(), *store, *this, [this] { return time; });
    store->subscribe(loop.get_executor(), [this](const store::StoredEvent&) { coordinator->wake(); });
    supervise(loop.get_executor(), "coordinator", coordinator->run());
    settle();
  }
  ~Daemon() override {
    coordinator->stop();
    settle();
  }
  void start_job(store::JobRow job) override { started.push_back(job.device); }

  // Runs everything that can run now. Work goes to and fro between the loop and the store's thread, both in order, so
  // each round trip of ours lets the coordinator take at least one step; no event of these tests needs as many.
  void settle() {
    constexpr int round_trips = 40;
    for (int i = 0; i < round_trips; ++i) {
      std::optional<int> back;
      supervise(loop.get_executor(), "round trip", answer(*store, [](store::Store&) { return 0; }, back));
      // It stops when the coordinator has ended and nothing is left, at the latest when the store's thread lets go of the last
      // work; so it is started again only when there is work that keeps it going.
      loop.restart();
      while (!back) loop.run_one();
      loop.poll();
    }
  }
  template <class F>
  auto ask(F function) {
    std::optional<std::invoke_result_t<F&, store::Store&>> result;
    supervise(loop.get_executor(), "ask", answer(*store, std::move(function), result));
    while (!result) loop.run_one();
    settle();
    return *std::move(result);
  }
  void append(store::EventBody body) {
    must(ask([body = std::move(body)](store::Store& s) { return s.append(body); }));
  }
  // What the real executor would write at the end of the device's unfinished job.
  void finish(const std::string& device, std::string outcome, std::string reason = {}) {
    const auto row = must(ask([device](store::Store& s) { return s.queries().find_device(device); }));
    REQUIRE(row);
    REQUIRE_MESSAGE(!row->active_job.empty(), device << " has no job");
    const bool good = outcome == "succeeded";
    append(store::DeviceUpdated{.device = device,
                                .components = {{.component = "app", .version = "", .image_hash = good ? image_hash : old_hash, .confirmed = true}},
                                .health = "healthy", .detail = "", .facts = {}});
    append(store::JobFinished{.job = row->active_job, .outcome = std::move(outcome), .reason = std::move(reason), .facts = {}});
  }
  store::RolloutRow rollout(const std::string& id) {
    return *must(ask([id](store::Store& s) { return s.queries().find_rollout(id); }));
  }
  std::string create(const std::vector<std::string>& devices, StageSpec spec = {}) {
    const RolloutRequest request{.release = release, .stages = must(plan_stages(devices, spec)), .evidence = {}};
    return must(ask([request](store::Store& s) { return create_rollout(s, request, "anna"); }));
  }
};

void prepare(const std::filesystem::path& state, int devices) {
  const auto store = must(store::Store::open(state));
  fill(*store, devices);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a rollout goes from canary to fleet to its end") {
  TempDir dir;
  prepare(dir.path(), 4);
  Daemon daemon(dir.path());
  const std::string id = daemon.create(names(1, 4), {.fleet_parallel = 2});
  CHECK(daemon.started == Names{"d1"});
  daemon.finish("d1", "succeeded");
  CHECK(daemon.started == Names{"d1", "d2", "d3"});
  daemon.finish("d3", "succeeded");
  CHECK(daemon.started == Names{"d1", "d2", "d3", "d4"});
  daemon.finish("d2", "succeeded");
  CHECK(daemon.rollout(id).state == "running");
  daemon.finish("d4", "succeeded");
  CHECK(daemon.rollout(id).state == "completed");
  for (const auto& device : daemon.rollout(id).devices) CHECK(device.outcome == "succeeded");
}

TEST_CASE("a canary that reverted halts the rollout, which goes on when a person accepts it") {
  TempDir dir;
  prepare(dir.path(), 3);
  Daemon daemon(dir.path());
  const std::string id = daemon.create(names(1, 3), {.fleet_parallel = 1});
  daemon.finish("d1", "reverted", "it runs 1.0.0 again");
  CHECK(daemon.rollout(id).state == "halted");
  CHECK(daemon.rollout(id).reason == "canary: 1 of 1 devices bad, tolerated 0: d1 reverted (it runs 1.0.0 again)");
  CHECK(daemon.started == Names{"d1"});

  must(daemon.ask([id](store::Store& s) { return resume_rollout(s, id, "board was wet", "anna"); }));
  CHECK(daemon.rollout(id).state == "running");
  CHECK(daemon.started == Names{"d1", "d2"});
  CHECK(daemon.rollout(id).devices[0].outcome == "reverted");
  CHECK(daemon.rollout(id).devices[0].accepted);
}

TEST_CASE("a silent canary halts at its deadline without any event") {
  TempDir dir;
  prepare(dir.path(), 2);
  Daemon daemon(dir.path());
  const std::string id = daemon.create(names(1, 2), {.deadline = std::chrono::milliseconds(400)});
  CHECK(daemon.rollout(id).state == "running");
  daemon.time += std::chrono::hours(1);  // however late a busy machine wrote down the job's beginning
  for (int i = 0; i < 300 && daemon.rollout(id).state == "running"; ++i) {  // 400 ms on a machine with time for us
    daemon.loop.run_for(std::chrono::milliseconds(100));
    daemon.settle();
  }
  CHECK(daemon.rollout(id).state == "halted");
  CHECK(daemon.rollout(id).devices[0].outcome == "silent");
}

TEST_CASE("a paused rollout starts nothing until it is resumed, a halted one not even then without a person") {
  TempDir dir;
  prepare(dir.path(), 3);
  Daemon daemon(dir.path());
  const std::string id = daemon.create(names(1, 3));
  must(daemon.ask([id](store::Store& s) { return pause_rollout(s, id, "lunch", "anna"); }));
  CHECK(daemon.ask([id](store::Store& s) { return pause_rollout(s, id, "again", "anna"); }).error().kind == ErrorKind::conflict);
  daemon.finish("d1", "succeeded");
  CHECK(daemon.started == Names{"d1"});
  CHECK(daemon.rollout(id).devices[0].outcome == "succeeded");
  must(daemon.ask([id](store::Store& s) { return resume_rollout(s, id, "", "anna"); }));
  CHECK(daemon.started == Names{"d1", "d2", "d3"});
  must(daemon.ask([id](store::Store& s) { return halt_rollout(s, id, "smoke in the hall", "anna"); }));
  CHECK(daemon.rollout(id).reason == "smoke in the hall");
  daemon.finish("d2", "succeeded");
  daemon.finish("d3", "succeeded");
  CHECK(daemon.rollout(id).state == "halted");
  must(daemon.ask([id](store::Store& s) { return resume_rollout(s, id, "", "anna"); }));
  CHECK(daemon.rollout(id).state == "completed");
  CHECK(daemon.ask([id](store::Store& s) { return resume_rollout(s, id, "", "anna"); }).error().kind == ErrorKind::conflict);
}

TEST_CASE("devices that run the release already, and busy ones, are dealt with as they are") {
  TempDir dir;
  prepare(dir.path(), 3);
  Daemon daemon(dir.path());
  daemon.append(store::DeviceUpdated{.device = "d1", .components = {{.component = "app", .image_hash = image_hash, .confirmed = true}}, .health = "healthy"});
  daemon.append(store::JobCreated{.job = "by-hand", .device = "d2", .release = release});
  const std::string id = daemon.create(names(1, 3));
  CHECK(daemon.started == Names{"d3"});
  daemon.finish("d2", "succeeded");  // by hand, to the same release
  daemon.finish("d3", "succeeded");
  CHECK(daemon.started == Names{"d3"});
  CHECK(daemon.rollout(id).state == "completed");
}

TEST_CASE("what a release does not say, or a device did not prove, is not running it") {
  const std::vector<store::ReleaseImage> images = {{.component = "app", .image_hash = image_hash}};
  store::DeviceRow device{.components = {{.component = "app", .image_hash = image_hash, .confirmed = true}}, .health = "healthy"};
  CHECK(runs_release(device, images));
  CHECK_FALSE(runs_release(device, {}));
  CHECK_FALSE(runs_release(device, {images[0], {.component = "radio", .image_hash = image_hash}}));
  device.health = "unknown";
  CHECK_FALSE(runs_release(device, images));
  device.health = "healthy";
  device.components[0].confirmed = false;
  CHECK_FALSE(runs_release(device, images));
  device.components[0] = {.component = "app", .image_hash = old_hash, .confirmed = true};
  CHECK_FALSE(runs_release(device, images));
}

TEST_CASE("a rollout that cannot be is refused with the reason") {
  TempDir dir;
  prepare(dir.path(), 3);
  Daemon daemon(dir.path());
  const auto create = [&](std::string what, const std::vector<std::string>& devices) {
    RolloutRequest request{.release = std::move(what), .stages = {{.name = "all", .devices = devices}}, .evidence = {}};
    return daemon.ask([request](store::Store& s) { return create_rollout(s, request, "anna"); });
  };
  CHECK(create("nothing@1", {"d1"}).error().kind == ErrorKind::not_found);
  CHECK(create(release, {"d9"}).error().kind == ErrorKind::not_found);
  CHECK(create(release, {}).error().kind == ErrorKind::invalid);
  CHECK(create(release, {"d1", "d1"}).error().what == "device d1 is named twice");
  const std::string first = must(create(release, {"d1", "d2"}));
  const auto second = create(release, {"d2", "d3"});
  REQUIRE_FALSE(second);
  CHECK(second.error().what == "device d2 is in rollout " + first + ", which is running");
  CHECK(daemon.ask([](store::Store& s) { return pause_rollout(s, "rollout-x", "", ""); }).error().kind == ErrorKind::not_found);
}

TEST_CASE("a halted rollout is not resumed while another one has its devices") {
  TempDir dir;
  prepare(dir.path(), 3);
  Daemon daemon(dir.path());
  const std::string first = daemon.create(names(1, 2));
  must(daemon.ask([first](store::Store& s) { return halt_rollout(s, first, "smoke", "anna"); }));
  const std::string second = daemon.create(names(2, 3));
  const auto resumed = daemon.ask([first](store::Store& s) { return resume_rollout(s, first, "", "anna"); });
  REQUIRE_FALSE(resumed);
  CHECK(resumed.error().what == "device d2 is in rollout " + second + ", which is running");
}

TEST_CASE("stages are cut from a list by number or share") {
  const auto sizes = [](const char* canary, int devices) {
    std::vector<std::size_t> out;
    for (const auto& stage : must(plan_stages(names(1, devices), {.canary = canary}))) out.push_back(stage.devices.size());
    return out;
  };
  using Sizes = std::vector<std::size_t>;
  CHECK(sizes("1", 12) == Sizes{1, 11});
  CHECK(sizes("10%", 12) == Sizes{2, 10});
  CHECK(sizes("1%", 12) == Sizes{1, 11});
  CHECK(sizes("100%", 3) == Sizes{3});
  CHECK(sizes("5", 3) == Sizes{3});
  for (const char* wrong : {"", "0", "-1", "x", "101%", "0%", "1 %", "%"}) {
    CAPTURE(wrong);
    CHECK_FALSE(plan_stages(names(1, 3), {.canary = wrong}));
  }
  CHECK_FALSE(plan_stages({}, {}));
}

TEST_CASE("counts tell where a rollout stands and how many can go bad at most") {
  TempDir dir;
  prepare(dir.path(), 4);
  Daemon daemon(dir.path());
  const std::string id = daemon.create(names(1, 4), {.fleet_parallel = 2, .fleet_budget = 1});
  daemon.finish("d1", "succeeded");
  daemon.finish("d2", "unreachable", "no answer");
  const auto facts = must(daemon.ask([id](store::Store& s) { return read_facts(s.queries(), id); }));
  const auto counts = count(facts);
  REQUIRE(counts.size() == 2);
  CHECK(counts[0].succeeded == 1);
  CHECK(counts[1].unreachable == 1);
  CHECK(counts[1].running == 2);
  CHECK(counts[1].waiting == 0);
  CHECK(counts[1].most_victims == 3);
}

TEST_CASE("a daemon that dies anywhere goes on where it was, and starts no job twice") {
  std::mt19937 random(7);
  for (int round = 0; round < 4; ++round) {
    CAPTURE(round);
    TempDir dir;
    prepare(dir.path(), 8);
    std::string id;
    {
      Daemon daemon(dir.path());
      id = daemon.create(names(1, 8), {.fleet_parallel = 3, .fleet_budget = 8});
    }
    for (int life = 0; life < 60; ++life) {
      Daemon daemon(dir.path());
      const auto jobs = must(daemon.ask([](store::Store& s) { return s.queries().unfinished_jobs(); }));
      CHECK(jobs.size() <= 3);
      for (const store::JobRow& job : jobs) {
        if (random() % 2 == 0) daemon.finish(job.device, random() % 6 == 0 && job.device != "d1" ? "failed" : "succeeded");
      }
      if (daemon.rollout(id).state == "completed") break;
    }
    const auto store = must(store::Store::open(dir.path()));
    CHECK(must(store->queries().find_rollout(id))->state == "completed");
    CHECK(must(store->queries().jobs()).size() == 8);
    CHECK(must(store::verify_ledger(dir.path())).ok());
    CHECK(must(store::verify_projections(dir.path())).empty());
  }
}
