// Plans walked on the real device code (boot, swap, agent) with two components, with the power cut at every operation on its
// flash, images that go back, a device that refuses, and a host that dies at every message.
#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "host/base/text.hpp"
#include "host/update/test_node_link.hpp"
#include "host/walk/device_performer.hpp"
#include "manifests/check/check.hpp"
#include "manifests/plan/plan.hpp"

namespace lockstep::walk {
namespace {

using namespace std::chrono_literals;
using update::test::Device;
using update::test::FakeJournal;
using update::test::Fate;
using update::test::signed_app;

version::Version v(const char* text) { return *version::parse(text); }

// app 2 comes only from 1.5 on and talks only to radio 2; radio 2 talks only to app 1.5 and later. So the one safe order is
// app 1.5, radio 2, app 2, and each of these may go back.
struct Product {
  std::vector<Buffer> app, radio;  // image files, oldest first
  std::shared_ptr<model::Catalogue> catalogue = std::make_shared<model::Catalogue>();

  explicit Product(std::uint32_t last_app_flags = 0) {
    app = {signed_app({1, 0, 0, 0}), signed_app({1, 5, 0, 0}), signed_app({2, 0, 0, 0}, last_app_flags)};
    radio = {signed_app({1, 0, 0, 1}, 0, 5000), signed_app({2, 0, 0, 1}, 0, 5000)};
    model::Component a{.name = "app", .platform = {}, .versions = {record("1.0.0", app[0]), record("1.5.0", app[1]), record("2.0.0", app[2])}, .at = {}};
    model::Component r{.name = "radio", .platform = {}, .versions = {record("1.0.0", radio[0]), record("2.0.0", radio[1])}, .at = {}};
    a.versions[2].from = release::From{.range = *version::Range::parse(">=1.5.0")};
    a.versions[2].needs = {need(1, ">=2.0.0")};
    r.versions[1].needs = {need(0, ">=1.5.0")};
    catalogue->product = "thermostat";
    catalogue->components = {a, r};
  }

  static model::Need need(model::Index component, const char* range) {
    return {.component = component, .range = *version::Range::parse(range), .at = {}};
  }
  static model::Record record(const char* text, const Buffer& file) {
    const std::string hash = update::test::verified(file).hash();
    return {.version = v(text), .image_hash = *Sha256::from_hex(hash),
            .hardware = {{.board = "node-m3", .revisions = *version::Range::parse("*")}},
            .from_at = {}, .bytes = file.size(), .at = {}};
  }

  update::ImageProvider provider(const model::Record& record) const {
    for (const auto* files : {&app, &radio}) {
      for (const Buffer& file : *files) {
        const update::VerifiedImage image = update::test::verified(file);
        if (image.hash() == record.image_hash->hex()) return [image] { return give(image); };
      }
    }
    FAIL("no such image");
    return {};
  }
  static asio::awaitable<Outcome<update::VerifiedImage>> give(update::VerifiedImage image) { co_return image; }

  model::Board board() const { return {.board = "node-m3", .revision = v("1.0.0")}; }
  model::Goal goal() const { return {{2, 1}}; }

  std::optional<CertifiedPlan> plan_from(const model::State& start) const {
    const model::Problem problem{.catalogue = catalogue.get(), .board = board(), .start = start, .goal = goal(), .bans = {}, .stuck = {}};
    const auto answer = plan::make_plan(problem);
    if (!answer || answer->verdict != plan::Verdict::found) return {};
    return *CertifiedPlan::make(catalogue, answer->plan);
  }
};

model::State state(model::Index app, model::Index radio) {
  model::State out;
  out.parts.resize(2);
  out.parts[0].active = app;
  out.parts[1].active = radio;
  return out;
}

model::State state_of(const Sight& seen) {
  model::State out;
  for (const Seen& s : seen) {
    model::Part part;
    part.active = s.active.value_or(model::torn);
    part.trial = s.trial.value_or(false);
    part.fallback = s.fallback.value_or(model::none);
    part.staged = s.staged.value_or(model::none);
    out.parts.push_back(part);
  }
  return out;
}

struct World {
  const Product& product;
  Device device;
  Fate fate;
  FakeJournal jobs{fate};
  WalkRecord saved;  // of the walk
  std::optional<WalkResult> result;
  update::JobWatch watch;
  std::size_t moments = 0, bad = 0;

  explicit World(const Product& of)
      : product(of), device({of.app[0], of.radio[0]}, options()) {
    device.watched = [this] { judge(); };
  }

  static sim::NodeOptions options() {
    sim::NodeOptions out = update::test::node_options(boot::Mode::swap);
    out.more_components = {{"radio", update::test::layout(boot::Mode::swap, 1)}};
    return out;
  }

  // What runs together at this moment must be allowed together.
  void judge() {
    const auto* app = device.node.report(0);
    const auto* radio = device.node.report(1);
    ++moments;
    if (app == nullptr || radio == nullptr) return void(++bad);
    const model::State now = state(find(0, *app), find(1, *radio));
    if (!check::check_state(*product.catalogue, product.board(), now).empty()) ++bad;
  }
  model::Index find(std::size_t component, const boot::BootReport& report) const {
    const auto& versions = product.catalogue->components[component].versions;
    const std::string hash = to_hex(report.image.image_hash);
    for (std::size_t i = 0; i < versions.size(); ++i)
      if (versions[i].image_hash->hex() == hash) return static_cast<model::Index>(i);
    return model::torn;
  }

  DeviceSettings settings(asio::io_context& context) {
    const link::LinkOpener opener = [this](asio::any_io_executor executor, link::LinkUri) {
      return update::test::open_node(executor, device, fate);
    };
    DeviceSettings out;
    out.walk = "walk-1";
    out.link = {.transport = link::Transport::udp, .framing = link::Framing::datagram, .host = "node"};
    out.identity = {.board = "node-m3", .serial = "SN1"};
    out.policy = {.return_total = 60s, .return_quiet = 1ms, .return_every = 1ms, .reset_grace = 100ms, .health_total = 4ms,
                  .health_every = 1ms, .link_retries = 50, .backoff_first = 1ms, .backoff_most = 1ms};
    out.clients = session::smp_clients(context.get_executor(), opener);
    out.image = [this](const model::Record& record) { return product.provider(record); };
    return out;
  }

  struct Journal final : WalkJournal {
    World* world;
    explicit Journal(World* w) : world(w) {}
    asio::awaitable<Outcome<void>> save(WalkRecord record) override {
      co_await world->fate.point();
      world->saved = record;
      co_return Outcome<void>();
    }
  };

  // One life of the host.
  void live(const CertifiedPlan& plan) {
    asio::io_context context;
    result.reset();
    Journal journal(this);
    DevicePerformer performer(product.catalogue, settings(context), jobs, watch, jobs.records.empty() ? update::JobRecord{} : jobs.records.back());
    asio::co_spawn(context, walk(plan, saved, performer, journal, {}), [this](std::exception_ptr e, WalkResult r) {
      if (e) std::rethrow_exception(e);
      result = std::move(r);
    });
    while (!result && !fate.killed && context.run_one_for(20s) > 0) {
    }
    REQUIRE((result || fate.killed));
  }

  // Lives until it arrives; plans anew where a walk says that its plan is no use any more.
  End pursue_to_the_end(int lives) {
    std::optional<CertifiedPlan> plan = product.plan_from(state(0, 0));
    REQUIRE(plan);
    for (int life = 0; life < lives; ++life) {
      if (fate.killed) fate = {};
      live(*plan);
      if (!result) continue;
      if (result->end == End::arrived) return End::arrived;
      if (result->end != End::reverted && result->end != End::elsewhere) continue;
      plan = product.plan_from(state_of(result->seen));
      REQUIRE(plan);
      saved = {};
      jobs.records.clear();
    }
    return result ? result->end : End::unreachable;
  }

  bool runs_the_goal() const { return find(0, *device.node.report(0)) == 2 && find(1, *device.node.report(1)) == 1; }
};

TEST_CASE("two components of a real device go by the plan, over a stop and in the one safe order") {
  const Product product;
  World world(product);
  CHECK(world.pursue_to_the_end(1) == End::arrived);
  CAPTURE(world.result->reason);
  CHECK(world.runs_the_goal());
  CHECK(world.bad == 0);
  CHECK(world.moments > 50);
}

TEST_CASE("an image that goes back ends the walk in a state that the plan proved safe, and is not tried again by itself") {
  for (const std::uint32_t flags : {agent::AppDescriptor::hang_after_boot, agent::AppDescriptor::unhealthy}) {
    const Product product(flags);
    World world(product);
    const auto plan = product.plan_from(state(0, 0));
    REQUIRE(plan);
    world.live(*plan);
    CHECK(text(world.result->end) == "reverted");
    CHECK(world.result->reason.find("app 2.0.0 went back to app 1.5.0") != std::string::npos);
    CHECK(world.find(0, *world.device.node.report(0)) == 1);
    CHECK(world.find(1, *world.device.node.report(1)) == 1);
    CHECK(world.bad == 0);
  }
}

TEST_CASE("a device on which somebody installed something else by hand is left alone") {
  const Product product;
  World world(product);
  const auto plan = product.plan_from(state(1, 0));  // for a device that has been brought to 1.5 already
  REQUIRE(plan);
  const Buffer before = world.device.memory;
  world.live(*plan);
  CHECK(text(world.result->end) == "elsewhere");
  CHECK(world.result->reason.find("app 1.0.0 is there, not app 1.5.0") != std::string::npos);
  CHECK(world.device.memory == before);
}

std::uint32_t operations_of_a_walk(const Product& product) {
  World world(product);
  world.pursue_to_the_end(1);
  return world.device.power.operations();
}

TEST_CASE("the power goes at operations all over a plan: nothing unsafe ever runs, and it arrives") {
  const Product product;
  const std::uint32_t all = operations_of_a_walk(product);
  std::size_t moments = 0;
  int runs = 0;
  for (std::uint32_t at = 1; at <= all; at += 5) {
    CAPTURE(at);
    World world(product);
    world.device.power.power_on(at);
    CHECK(text(world.pursue_to_the_end(4)) == "arrived");
    CHECK(world.runs_the_goal());
    CHECK(world.bad == 0);
    moments += world.moments;
    ++runs;
  }
  MESSAGE(runs, " walks cut in ", all, " operations, ", moments, " moments judged");
  CHECK(runs > 20);
}

TEST_CASE("the host dies at messages all over a plan: nothing unsafe ever runs, and it arrives") {
  const Product product;
  int kills = 0;
  for (int at = 0; at < 3000; at += 9) {
    CAPTURE(at);
    World world(product);
    world.fate.kill_at = at;
    CHECK(text(world.pursue_to_the_end(4)) == "arrived");
    CHECK(world.runs_the_goal());
    CHECK(world.bad == 0);
    if (world.fate.points > 0 && world.fate.kill_at == at) break;  // it was never killed: the walk has no more messages
    ++kills;
  }
  CHECK(kills > 20);
}

}  // namespace
}  // namespace lockstep::walk
