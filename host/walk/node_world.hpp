// For tests: products whose images the real device code (boot, swap, agent) runs in this process, and a host that walks plans
// on such a device. At each message what runs together is held against the catalogue.
#pragma once

#include <doctest/doctest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <vector>

#include "host/base/text.hpp"
#include "host/update/test_node_link.hpp"
#include "host/walk/device_performer.hpp"
#include "manifests/check/check.hpp"
#include "manifests/plan/plan.hpp"

namespace lockstep::walk::test {

using namespace std::chrono_literals;

// Each component runs that version; nothing is in the other slots.
inline model::State running(const std::vector<model::Index>& versions) {
  model::State out;
  for (const model::Index v : versions) out.parts.push_back({.active = v, .alive = {}});
  return out;
}

// An application that does not behave.
struct Ill {
  std::size_t component = 0, version = 0;
  std::uint32_t flags = 0;  // agent::AppDescriptor
};

// The components of a catalogue, all ab-trial, with an image for each version.
struct NodeProduct {
  std::shared_ptr<model::Catalogue> catalogue;
  std::vector<std::vector<Buffer>> images;  // by component and version
  model::State start;
  model::Goal goal;
  model::Board board{.board = "node-m3", .revision = {1, 0, 0}};

  NodeProduct(model::Catalogue of, model::State from, model::Goal to, const std::vector<Ill>& ill = {})
      : catalogue(std::make_shared<model::Catalogue>(std::move(of))), start(std::move(from)), goal(std::move(to)) {
    for (std::size_t i = 0; i < catalogue->components.size(); ++i) {
      images.emplace_back();
      auto& versions = catalogue->components[i].versions;
      for (std::size_t v = 0; v < versions.size(); ++v) {
        std::uint32_t flags = 0;
        for (const Ill& one : ill) flags |= one.component == i && one.version == v ? one.flags : 0;
        add_image(versions[v], i, flags);
      }
    }
  }

  update::ImageProvider provider(const model::Record& record) const {
    for (const auto& files : images) {
      for (const Buffer& file : files) {
        const update::VerifiedImage image = update::test::verified(file);
        if (image.hash() == record.image_hash->hex()) return [image] { return give(image); };
      }
    }
    FAIL("no such image");
    return {};
  }
  static asio::awaitable<Outcome<update::VerifiedImage>> give(update::VerifiedImage image) { co_return image; }

  std::optional<CertifiedPlan> plan_from(const model::State& state) const {
    const model::Problem problem{.catalogue = catalogue.get(), .board = board, .start = state, .goal = goal, .bans = {}, .stuck = {}};
    const auto answer = plan::make_plan(problem);
    if (!answer || answer->verdict != plan::Verdict::found) return {};
    return *CertifiedPlan::make(catalogue, answer->plan);
  }

 private:
  // The image's version tells component and version apart, so that no two images are the same.
  void add_image(model::Record& record, std::size_t component, std::uint32_t flags) {
    const auto number = static_cast<std::uint8_t>(images.back().size() + 1);
    Buffer file = update::test::signed_app({number, 0, 0, static_cast<std::uint32_t>(component)}, flags, 5000);
    record.image_hash = *Sha256::from_hex(update::test::verified(file).hash());
    record.hardware = {{.board = board.board, .revisions = {}}};
    record.bytes = file.size();
    images.back().push_back(std::move(file));
  }
};

inline model::State state_of(const Sight& seen) {
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

struct NodeWorld {
  // Where the host was when it began a step: how many messages and operations on flash there had been.
  struct Mark {
    std::size_t step = 0;
    int messages = 0;
    std::uint32_t operations = 0;
  };

  const NodeProduct& product;
  update::test::Device device;
  update::test::Fate fate;
  update::test::FakeJournal jobs{fate};
  WalkRecord saved;  // of the walk
  std::optional<WalkResult> result;
  update::JobWatch watch;
  std::size_t moments = 0, bad = 0;
  std::vector<Mark> marks;
  int messages = 0, reverts = 0;
  int silent_at = -1;  // the message that nobody listens to
  int reset_at = -1;   // the message before which the device is reset: what is on trial goes back

  explicit NodeWorld(const NodeProduct& of) : product(of), device(seeds(of), options(of)) {
    device.watched = [this] { judge(); };
    device.hears = [this] {
      if (messages == reset_at) device.node.power_on(std::chrono::steady_clock::now());
      return messages++ != silent_at;
    };
  }

  // What runs together at this moment must be allowed together.
  void judge() {
    ++moments;
    const auto now = running_now();
    if (!now || !check::check_state(*product.catalogue, product.board, *now).empty()) ++bad;
  }
  std::optional<model::State> running_now() const {
    std::vector<model::Index> out;
    for (std::size_t i = 0; i < product.images.size(); ++i) {
      const boot::BootReport* report = device.node.report(i);
      if (report == nullptr) return {};
      out.push_back(find(i, *report));
    }
    return running(out);
  }
  model::Index find(std::size_t component, const boot::BootReport& report) const {
    const auto& versions = product.catalogue->components[component].versions;
    const std::string hash = to_hex(report.image.image_hash);
    for (std::size_t i = 0; i < versions.size(); ++i)
      if (versions[i].image_hash->hex() == hash) return static_cast<model::Index>(i);
    return model::torn;
  }

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
    std::optional<CertifiedPlan> plan = product.plan_from(product.start);
    REQUIRE(plan);
    for (int life = 0; life < lives; ++life) {
      if (fate.killed) fate = {};
      live(*plan);
      if (!result) continue;
      if (result->end == End::arrived) return End::arrived;
      if (result->end != End::reverted && result->end != End::elsewhere) continue;
      if (result->end == End::reverted) ++reverts;
      plan = product.plan_from(state_of(result->seen));
      REQUIRE(plan);
      saved = {};
      jobs.records.clear();
    }
    return result ? result->end : End::unreachable;
  }

  bool runs_the_goal() const {
    const auto now = running_now();
    for (std::size_t i = 0; now && i < product.goal.versions.size(); ++i) {
      const model::Index wanted = product.goal.versions[i];
      if (wanted != model::none && now->parts[i].active != wanted) return false;
    }
    return now.has_value();
  }

 private:
  static std::vector<Buffer> seeds(const NodeProduct& of) {
    std::vector<Buffer> out;
    for (std::size_t i = 0; i < of.images.size(); ++i) out.push_back(of.images[i][static_cast<std::size_t>(of.start.parts[i].active)]);
    return out;
  }
  static sim::NodeOptions options(const NodeProduct& of) {
    sim::NodeOptions out = update::test::node_options(boot::Mode::swap);
    out.component = of.catalogue->components[0].name;
    for (std::size_t i = 1; i < of.images.size(); ++i)
      out.more_components.push_back({of.catalogue->components[i].name, update::test::layout(boot::Mode::swap, static_cast<std::uint32_t>(i))});
    return out;
  }

  DeviceSettings settings(asio::io_context& context) {
    const link::LinkOpener opener = [this](asio::any_io_executor executor, link::LinkUri) {
      return update::test::open_node(executor, device, fate);
    };
    DeviceSettings out;
    out.walk = "walk-1";
    out.link = {.transport = link::Transport::udp, .framing = link::Framing::datagram, .host = "node"};
    out.identity = {.board = "node-m3", .serial = "SN1"};
    out.policy = {.return_total = 60s, .return_quiet = 1ms, .return_every = 1ms, .reset_grace = 10ms, .health_total = 4ms,
                  .health_every = 1ms, .link_retries = 50, .backoff_first = 1ms, .backoff_most = 1ms};
    out.clients = session::smp_clients(context.get_executor(), opener);
    out.image = [this](const model::Record& record) { return product.provider(record); };
    return out;
  }

  struct Journal final : WalkJournal {
    NodeWorld* world;
    explicit Journal(NodeWorld* w) : world(w) {}
    asio::awaitable<Outcome<void>> save(WalkRecord record) override {
      co_await world->fate.point();
      world->saved = record;
      world->marks.push_back({record.step, world->messages, world->device.power.operations()});
      co_return Outcome<void>();
    }
  };
};

}  // namespace lockstep::walk::test
