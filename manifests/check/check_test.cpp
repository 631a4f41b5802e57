#include "manifests/check/check.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace lockstep::check {
namespace {

using namespace model;

version::Version v(std::string_view text) { return *version::parse(text); }
version::Range range(std::string_view text) { return *version::Range::parse(text); }

Record record(std::string_view version, int line, std::vector<Need> needs = {}) {
  Record r;
  r.version = v(version);
  r.hardware = {{.board = "node-m3", .revisions = range(">=1"), .line = 1}};
  r.needs = std::move(needs);
  r.at = {"rel.xml", line};
  r.from_at = {"rel.xml", line + 1};
  return r;
}
Need need(Index component, std::string_view text, int line, When when = When::active) {
  return {.component = component, .range = range(text), .when = when, .at = {"rel.xml", line}};
}

enum : Index { app, backend, boot, mobile, radio };

// A thermostat: radio 3.0.0 needs app 2, mobile-app 1.0.0 knows app 1 only.
Catalogue thermostat() {
  Catalogue c{.product = "thermostat", .components = {}};
  c.components.resize(5);
  c.components[app] = {.name = "app", .platform = {}, .kind = Kind::ab_trial, .versions = {record("1.4.0", 10), record("2.0.0", 20)}, .at = {}};
  c.components[backend] = {.name = "backend", .platform = {}, .kind = Kind::service, .versions = {record("1.0.0", 60), record("2.0.0", 70)}, .at = {}};
  c.components[boot] = {.name = "boot", .platform = {}, .kind = Kind::single, .versions = {record("1.0.0", 30), record("1.1.0", 35)}, .at = {}};
  c.components[mobile] = {.name = "mobile", .platform = "ios", .kind = Kind::app, .versions = {record("1.0.0", 80, {need(app, "<2", 81)}), record("1.1.0", 85)}, .at = {}};
  c.components[radio] = {.name = "radio", .platform = {}, .kind = Kind::ab_late, .via = boot, .versions = {record("2.0.0", 40), record("3.0.0", 50, {need(app, ">=2", 51)})}, .at = {"rel.xml", 5}};
  return c;
}

State start() {
  State s;
  s.parts.resize(5);
  s.parts[app].active = s.parts[boot].active = s.parts[radio].active = 0;
  s.parts[backend].alive = s.parts[mobile].alive = {0};
  return s;
}

// The plan of these steps with the states that an author computes by hand from `change`.
struct Author {
  Plan plan{.board = {"node-m3", v("2.0.0")}, .start = start(), .goal = {std::vector<Index>(5, none)}, .steps = {}, .after = {}};

  template <class Change>
  Author& step(Act act, std::vector<Target> targets, Change change) {
    State next = plan.after.empty() ? plan.start : plan.after.back();
    change(next.parts);
    plan.steps.push_back({act, std::move(targets)});
    plan.after.push_back(std::move(next));
    return *this;
  }
  Author& stage(Index c, Index version) {
    return step(Act::stage, {{c, version}}, [&](auto& p) { p[std::size_t(c)].staged = version, p[std::size_t(c)].fallback = none; });
  }
  Author& activate(std::vector<Target> targets) {
    return step(Act::activate, targets, [&](auto& parts) {
      for (const Target& t : targets) {
        Part& p = parts[std::size_t(t.component)];
        p.fallback = p.active, p.active = t.version, p.staged = none, p.trial = true;
      }
    });
  }
  Author& confirm(Index c, Index version, Kind kind = Kind::ab_trial) {
    return step(Act::confirm, {{c, version}}, [&](auto& p) {
      p[std::size_t(c)].trial = false;
      if (kind == Kind::ab_trial) p[std::size_t(c)].fallback = none;
    });
  }
  Author& software(Act act, Index c, Index version, std::vector<Index> alive) {
    return step(act, {{c, version}}, [&](auto& p) { p[std::size_t(c)].alive = std::move(alive); });
  }
  Author& goal(Index c, Index version) {
    plan.goal.versions[std::size_t(c)] = version;
    return *this;
  }
};

// App and radio, in the order that is safe.
Author good() {
  Author a;
  a.software(Act::publish, mobile, 1, {0, 1}).software(Act::retire, mobile, 0, {1});
  a.stage(app, 1).activate({{app, 1}}).confirm(app, 1).stage(radio, 1).activate({{radio, 1}}).confirm(radio, 1, Kind::ab_late);
  return a.goal(app, 1).goal(mobile, 1).goal(radio, 1);
}

std::string said(const Catalogue& c, const Plan& plan) {
  const auto verdict = check(c, plan);
  return verdict ? "good" : text(c, plan, verdict.error());
}
std::string said(const Author& a) { return said(thermostat(), a.plan); }

}  // namespace

TEST_CASE("a plan that is safe at every moment is good") { CHECK(said(good()) == "good"); }

TEST_CASE("an order that only a revert makes unsafe is refused, with the revert, the rule and its line") {
  Author both;
  both.software(Act::publish, mobile, 1, {0, 1}).software(Act::retire, mobile, 0, {1});
  both.stage(app, 1).stage(radio, 1).activate({{app, 1}, {radio, 1}});
  CHECK(said(both) == "step 5 (activate app 2.0.0 and radio 3.0.0): when app reverts to 1.4.0, radio 3.0.0 requires app >=2 (rel.xml:51)");

  const auto verdict = check(thermostat(), both.plan);
  REQUIRE_FALSE(verdict);
  const Violation& v = verdict.error().violation;
  CHECK(v.rule == Rule::need);
  CHECK(v.reverted == std::vector<Target>{{app, 0}});
  CHECK(v.who == Target{radio, 1});
  CHECK(v.other == Target{app, 0});
  CHECK(v.state.parts[app].active == 0);
  CHECK(v.state.parts[app].fallback == none);
  CHECK_FALSE(v.state.parts[app].trial);
  CHECK(v.state.parts[radio].active == 1);
}

TEST_CASE("a version in use forbids what it does not know") {
  CHECK(said(Author().stage(app, 1).activate({{app, 1}})) ==
        "step 2 (activate app 2.0.0): mobile@ios 1.0.0 requires app <2, but app 2.0.0 is active (rel.xml:81)");
}

TEST_CASE("a late fallback counts after it is confirmed") {
  Author a = good();
  a.stage(app, 0);
  CHECK(said(a) == "good");  // the radio may go back to 2.0.0, which fits both
  Catalogue c = thermostat();
  c.components[radio].versions[0].needs = {need(app, "<2", 41)};
  CHECK(said(c, good().plan) ==
        "step 4 (activate app 2.0.0): radio 2.0.0 requires app <2, but app 2.0.0 is active (rel.xml:41)");
}

TEST_CASE("while a single slot is written, what is written through it cannot be written again") {
  Author a = good();
  a.step(Act::activate, {{boot, 1}}, [](auto& p) { p[boot].active = 1; });
  CHECK(said(a) == "step 9 (activate boot 1.1.0): meanwhile, when radio reverts to 2.0.0, radio 3.0.0 can be written only with boot, "
                   "but that is torn (rel.xml:5)");
  // Once the radio cannot revert any more, it is good.
  Author final = good();
  final.step(Act::finalise, {{radio, 1}}, [](auto& p) { p[radio].fallback = none; });
  final.step(Act::activate, {{boot, 1}}, [](auto& p) { p[boot].active = 1; });
  CHECK(said(final) == "good");
}

TEST_CASE("the requirements for writing hold before, during and after, whatever reverts") {
  Catalogue c = thermostat();
  c.components[boot].versions[1].needs = {need(app, ">=2", 36, When::during_flash)};
  Author on_trial;
  on_trial.software(Act::publish, mobile, 1, {0, 1}).software(Act::retire, mobile, 0, {1}).stage(app, 1).activate({{app, 1}});
  on_trial.step(Act::activate, {{boot, 1}}, [](auto& p) { p[boot].active = 1; });
  CHECK(said(c, on_trial.plan) ==
        "step 5 (activate boot 1.1.0): when app reverts to 1.4.0, boot 1.1.0 can be written only with app >=2 (rel.xml:36)");
}

TEST_CASE("board, counter and data of what runs, or may run, must fit") {
  Catalogue c = thermostat();
  c.components[app].versions[1].hardware[0].revisions = range(">=3");
  Author a = good();
  CHECK(said(c, a.plan) == "step 3 (stage app 2.0.0): app could never boot this version here");
  c.components[app].versions[0].hardware[0].board = "node-m4";
  CHECK(said(c, a.plan) == "start: app 1.4.0 is not for node-m3 revision 2.0.0 (rel.xml:10)");

  c = thermostat();
  a.plan.start.parts[app].counter = 1;
  CHECK(said(c, a.plan) == "start: app 1.4.0 has security counter 0, but the device accepts 1 and above only (rel.xml:10)");

  // Data that move at boot: the fallback cannot read them.
  c.components[app].versions[0].data = {.reads_lowest = 0, .reads_highest = 1};
  c.components[app].versions[1].data = {.reads_lowest = 1, .reads_highest = 2, .writes = 2, .at_boot = true};
  Author b;
  b.plan.start.parts[app].epoch = 1;
  b.plan.start.parts[mobile].alive = {1};
  b.stage(app, 1).activate({{app, 1}});
  b.plan.after[1].parts[app].epoch = 2;
  CHECK(said(c, b.plan) == "step 2 (activate app 2.0.0): when app reverts to 1.4.0, app 1.4.0 reads data of the epochs 0 to 1, but they "
                           "are of epoch 2 (rel.xml:10)");
}

TEST_CASE("what the device does not have demands nothing, satisfies nothing and cannot be written") {
  Catalogue c = thermostat();
  Author a;
  a.plan.start.parts[radio].active = none;
  a.software(Act::publish, mobile, 1, {0, 1}).software(Act::retire, mobile, 0, {1});
  a.stage(app, 1).activate({{app, 1}}).confirm(app, 1).goal(app, 1);
  CHECK(said(c, a.plan) == "good");
  Author written = a;
  written.stage(radio, 1);
  CHECK(said(c, written.plan) == "step 6 (stage radio 3.0.0): radio is not on this device");

  c.components[app].versions[1].needs = {need(radio, "*", 22)};
  CHECK(said(c, a.plan) == "step 4 (activate app 2.0.0): app 2.0.0 requires radio *, but no radio is active (rel.xml:22)");

  Author no_way = good();
  no_way.plan.start.parts[boot].active = none;
  for (State& s : no_way.plan.after) s.parts[boot].active = none;
  CHECK(said(no_way) == "step 6 (stage radio 3.0.0): radio 3.0.0 can be written only with boot, but no boot is active (rel.xml:5)");
}

TEST_CASE("a step that cannot be done where it stands is refused") {
  Author a = good();
  a.plan.steps.erase(a.plan.steps.begin() + 2);
  a.plan.after.erase(a.plan.after.begin() + 2);
  CHECK(said(a).starts_with("step 3 (activate app 2.0.0): app has this version not staged"));

  Catalogue c = thermostat();
  c.components[app].versions[1].from = release::From{range(">=1.5"), 21};
  CHECK(said(c, good().plan) == "step 3 (stage app 2.0.0): app has an active version from which this one does not come directly");
}

TEST_CASE("a state other than what the step leaves, and an end other than the goal, are refused") {
  Author a = good();
  a.plan.after[3].parts[app].trial = false;
  CHECK(said(a) == "step 4 (activate app 2.0.0): the step leaves another state");
  Author b = good();
  b.goal(boot, 1);
  CHECK(said(b) == "step 8 (confirm radio 3.0.0): boot is not as the goal asks");
}

TEST_CASE("sizes and indexes from outside are looked at before they are used") {
  const Catalogue c = thermostat();
  for (const Index wild : {-3, -2, 2, 5, std::numeric_limits<Index>::max(), std::numeric_limits<Index>::min()}) {
    for (int place = 0; place < 7; ++place) {
      CAPTURE(wild);
      CAPTURE(place);
      Author a = good();
      Part& p = a.plan.start.parts[app];
      switch (place) {
        case 0: p.active = wild; break;
        case 1: p.fallback = wild; break;
        case 2: p.staged = wild; break;
        case 3: a.plan.start.parts[mobile].alive = {wild}; break;
        case 4: a.plan.steps[2].targets[0].version = wild; break;
        case 5: a.plan.steps[2].targets[0].component = wild; break;
        default: a.plan.goal.versions[boot] = wild; break;
      }
      CHECK(said(a) != "good");
    }
  }
  Author short_goal = good(), no_targets = good(), short_after = good(), short_state = good();
  short_goal.plan.goal.versions.pop_back();
  no_targets.plan.steps[0].targets.clear();
  short_after.plan.after.pop_back();
  short_state.plan.start.parts.pop_back();
  for (const Author* a : {&short_goal, &no_targets, &short_after, &short_state}) CHECK(said(*a) != "good");
}

TEST_CASE("a state says everything that is wrong with it") {
  const Catalogue c = thermostat();
  State s = start();
  s.parts[radio].active = 1;
  s.parts[app] = {.active = 1, .fallback = 0, .staged = none, .trial = true, .alive = {}};
  const Board board{"node-m2", v("2.0.0")};
  const auto found = check_state(c, board, s);
  int hardware = 0;
  for (const Violation& one : found) hardware += one.rule == Rule::hardware;
  CHECK(hardware == 4);  // app, app after its revert, boot, radio
  CHECK(found.size() == 6);  // the radio after app's revert, and mobile-app 1.0.0
  CHECK(check_state(c, {"node-m3", v("2.0.0")}, start()).empty());
}

}  // namespace lockstep::check
