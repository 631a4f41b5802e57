// What is said about a plan that there is: stops, order, faults, doors.
#include <doctest/doctest.h>

#include <set>

#include "manifests/explain/faults.hpp"
#include "manifests/explain/horizon.hpp"
#include "manifests/explain/order.hpp"
#include "manifests/explain/relax_by_hand.hpp"
#include "manifests/explain/sample.hpp"
#include "manifests/explain/stops.hpp"
#include "manifests/model/passage.hpp"
#include "manifests/oracle/search.hpp"
#include "manifests/oracle/world.hpp"

namespace lockstep::explain {
namespace {

using model::Act;
using model::Kind;
using model::When;
using plan::Verdict;
using sample::Lab;

plan::Answer plan_of(Lab& lab, bool finalise = false) {
  sample::number_lines(lab.catalogue());
  const auto answer = plan::make_plan(lab.problem(), {.limits = {}, .finalise_at_end = finalise});
  REQUIRE(answer);
  REQUIRE(answer->verdict == Verdict::found);
  REQUIRE(check::check(lab.catalogue(), answer->plan));
  return *answer;
}

// A stop that is needed: forbidden, there is no plan; and of the causes, each counts.
void check_stop(const model::Problem& problem, const model::Cost& cost, const Stop& stop) {
  model::Problem other = problem;
  other.bans.push_back({stop.version.component, stop.version.version, ""});
  const auto answer = plan::make_plan(other);
  REQUIRE(answer);
  CHECK((answer->verdict == Verdict::none) == (stop.how == Stop::How::needed));
  if (stop.how == Stop::How::dearer) CHECK(cost < answer->cost);
  if (stop.how != Stop::How::needed) return;
  const Constraint ban{.what = What::ban, .component = stop.version.component, .version = stop.version.version, .number = problem.bans.size(), .at = {}};
  std::vector<Constraint> all = sample::constraints_of(stop.causes);
  all.push_back(ban);
  CHECK_FALSE(by_hand::has_plan_with_only(other, all));
  for (const Cause& cause : stop.causes) {
    std::vector<Constraint> kept = sample::constraints_of(stop.causes);
    std::erase(kept, cause.constraint);
    kept.push_back(ban);
    std::sort(kept.begin(), kept.end());
    CHECK(by_hand::has_plan_with_only(other, kept));
    CHECK(sample::verdict(only(other, kept).problem) == Verdict::found);
  }
}

// Whether the step that failed passes the bad state, or a state from which the reverts lead there.
bool is_reached(const model::Catalogue& catalogue, const model::Plan& plan, const check::Failure& failure) {
  const model::State& before = failure.step == 1 ? plan.start : plan.after[failure.step - 2];
  const auto passage = take_step(catalogue, before, plan.steps[failure.step - 1]);
  REQUIRE(passage);
  std::vector<model::State> moments = passage->moments;
  moments.push_back(before);
  return std::any_of(moments.begin(), moments.end(), [&](model::State moment) {
    for (const model::Target& t : failure.violation.reverted) {
      if (!may_revert(catalogue, moment, t.component)) return false;
      revert(moment.parts[static_cast<std::size_t>(t.component)]);
    }
    return moment == failure.violation.state;
  });
}

// The state that a swap names is bad for the reason that it names.
void check_swap(const model::Catalogue& catalogue, const Swap& swap) {
  if (!swap.failure) {
    CHECK(check::check(catalogue, swap.swapped));
    CHECK(oracle::is_good(catalogue, swap.swapped));
    return;
  }
  CHECK_FALSE(oracle::is_good(catalogue, swap.swapped));
  const check::Violation& v = swap.failure->violation;
  // It happens in the part that was swapped, or at its edges.
  CHECK(swap.failure->step > swap.early.first);
  CHECK(swap.failure->step <= swap.early.first + swap.early.count + swap.late.count);
  CHECK(is_reached(catalogue, swap.swapped, *swap.failure));
  const auto found = check::check_state(catalogue, swap.swapped.board, v.state, v.rule == check::Rule::way ? v.who : model::Target{});
  CHECK(std::any_of(found.begin(), found.end(), [&](const check::Violation& other) {
    return other.rule == v.rule && other.who == v.who && other.other == v.other && other.at == v.at && other.reverted.empty();
  }));
}

// Every pair of neighbours on different components is explained, however many each has; and it is safe to swap exactly when
// the other reading of the model says so. How many of the pairs have several components on a side.
int check_order(const model::Catalogue& catalogue, const model::Plan& plan, const std::vector<Swap>& swaps) {
  const std::vector<Leg> all = legs(plan);
  const auto at_step = [](auto& steps, std::size_t n) { return steps.begin() + static_cast<std::ptrdiff_t>(n); };
  std::size_t end = 0, expected = 0;
  int several = 0;
  std::set<model::Index> before;
  for (const Leg& leg : all) {
    CHECK(leg.first == end);
    end += leg.count;
    std::set<model::Index> mine;
    for (std::size_t n = leg.first; n < end; ++n) {
      for (const model::Target& t : plan.steps[n].targets) mine.insert(t.component);
    }
    const bool apart = std::none_of(mine.begin(), mine.end(), [&](model::Index i) { return before.contains(i); });
    several += apart && leg.first != 0 && (mine.size() > 1 || before.size() > 1);
    before = std::move(mine);
    if (leg.first == 0 || !apart) continue;
    ++expected;
    const auto found = std::find_if(swaps.begin(), swaps.end(), [&](const Swap& s) { return s.late.first == leg.first && s.late.count == leg.count; });
    REQUIRE(found != swaps.end());
    model::Plan other = plan;
    std::rotate(at_step(other.steps, found->early.first), at_step(other.steps, leg.first), at_step(other.steps, end));
    CHECK(found->early.first + found->early.count == leg.first);
    CHECK(found->swapped.steps == other.steps);
    const oracle::World world(catalogue, plan.board);
    oracle::Moment now = *world.read(plan.start);
    for (std::size_t n = 0; n < other.steps.size(); ++n) {
      const oracle::Row row = world.moments(now, other.steps[n]);
      REQUIRE_FALSE(row.empty());
      now = row.back();
      other.after[n] = world.write(now);
    }
    CHECK(oracle::is_good(catalogue, other) == !found->failure);
  }
  CHECK(end == plan.steps.size());
  CHECK(swaps.size() == expected);
  return several;
}

// Where a fault leads is good, and what to do then leads on.
void check_fault(const model::Catalogue& catalogue, const model::Plan& plan, const Fault& fault) {
  CHECK(check::check_state(catalogue, plan.board, fault.state).empty());
  model::State now = fault.state;
  for (const model::Step& step : fault.again) {
    const auto next = oracle::after(catalogue, plan.board, now, step);
    REQUIRE(next);
    CHECK(check::check_state(catalogue, plan.board, *next).empty());
    now = *next;
  }
  if (fault.replan) return;
  const model::State& wanted = fault.step == 0 ? plan.start : plan.after[fault.step - 1];
  for (std::size_t i = 0; i < now.parts.size(); ++i) {
    CHECK(now.parts[i].active == wanted.parts[i].active);
    CHECK(now.parts[i].trial == wanted.parts[i].trial);
    CHECK(now.parts[i].alive == wanted.parts[i].alive);
  }
}

// What can fail, once more: by the moments that the other reading of the model passes.
class FaultsByWorld {
 public:
  FaultsByWorld(const model::Catalogue& catalogue, const model::Plan& plan) : world_(catalogue, plan.board), plan_(plan) {
    if (plan.steps.empty()) return;
    reverts(0, *world_.read(plan.start));
    for (std::size_t n = 1; n <= plan.steps.size(); ++n) step(n);
  }

  void check(const std::vector<Fault>& said) const {
    CHECK(said.size() == expected_.size());
    for (const Expected& one : expected_) {
      // Two moments of a step may be the same.
      const auto times = std::count(expected_.begin(), expected_.end(), one);
      CHECK(std::count_if(said.begin(), said.end(), [&](const Fault& f) {
              return f.step == one.step && f.kind == one.kind && world_.read(f.state) == one.state;
            }) == times);
    }
  }

  // When both go back at once, each is brought back as if it had been alone, in either order. How many pairs there are.
  int check_pairs(const std::vector<Fault>& said) const {
    int pairs = 0;
    for (const Fault& a : said) {
      for (const Fault& b : said) {
        const bool both = a.kind == Fault::Kind::revert && b.kind == Fault::Kind::revert && a.step == b.step && a.gone.component != b.gone.component;
        if (!both || a.replan || b.replan) continue;
        ++pairs;
        const model::State& wanted = a.step == 0 ? plan_.start : plan_.after[a.step - 1];
        model::State state = a.state;
        state.parts[at(b.gone.component)] = b.state.parts[at(b.gone.component)];
        auto now = *world_.read(state);
        for (const Fault* f : {&a, &b}) {
          for (const model::Step& step : f->again) {
            const oracle::Row row = world_.moments(now, step);
            REQUIRE_FALSE(row.empty());
            CHECK(world_.survives(row, step));
            now = row.back();
          }
        }
        CHECK(now == *world_.read(wanted));
      }
    }
    return pairs;
  }

 private:
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }

  void step(std::size_t n) {
    const model::Step& step = plan_.steps[n - 1];
    const oracle::Row row = world_.moments(*world_.read(n == 1 ? plan_.start : plan_.after[n - 2]), step);
    REQUIRE_FALSE(row.empty());
    expected_.push_back({n, Fault::Kind::refusal, *row.begin()});
    for (const oracle::Moment* m = row.begin() + 1; m + 1 != row.end(); ++m) {
      const int target = step.targets[0].component;
      const bool is_torn = world_.kind(target) == Kind::single && (*m)[at(target)].active < 0;
      // Once it has booted, an activation does not end before the data have moved.
      if (step.act == Act::activate && !is_torn) continue;
      expected_.push_back({n, is_torn ? Fault::Kind::cut : Fault::Kind::half, *m});
    }
    reverts(n, row.back());
  }

  void reverts(std::size_t n, const oracle::Moment& m) {
    for (int i = 0; i < world_.components(); ++i) {
      const oracle::Piece& p = m[at(i)];
      const bool may = world_.kind(i) == Kind::ab_late || (world_.kind(i) == Kind::ab_trial && p.trial);
      if (!may || p.fallback < 0) continue;
      oracle::Moment back = m;
      back[at(i)].active = p.fallback;
      back[at(i)].fallback = back[at(i)].staged = -1;
      back[at(i)].trial = false;
      expected_.push_back({n, Fault::Kind::revert, back});
    }
  }

  struct Expected {
    std::size_t step;
    Fault::Kind kind;
    oracle::Moment state;

    friend bool operator==(const Expected&, const Expected&) = default;
  };
  oracle::World world_;
  const model::Plan& plan_;
  std::vector<Expected> expected_;
};

// No version behind a closed door can run in any state after it, whatever is done: seen by its counter and data alone.
void check_door(const model::Catalogue& catalogue, const model::Plan& plan, const Door& door) {
  for (const model::Target& t : door.closed) {
    const model::Record& r = catalogue.record(t.component, t.version);
    for (std::size_t n = door.step - 1; n < plan.after.size(); ++n) {
      const model::Part& p = plan.after[n].parts[static_cast<std::size_t>(t.component)];
      CHECK(p.active != t.version);
      CHECK((r.security_counter < p.counter || !r.data.reads(p.epoch)));
    }
  }
}

// Whoever could run before a step and is shut out by it is named. Left aside is what other versions' data might bring back.
int check_closed(const model::Catalogue& catalogue, const model::Plan& plan, const std::vector<Door>& doors) {
  int closed = 0;
  for (std::size_t n = 0; n < plan.steps.size(); ++n) {
    const model::State& before = n == 0 ? plan.start : plan.after[n - 1];
    for (model::Index i = 0; i < std::ssize(catalogue.components); ++i) {
      const model::Component& c = catalogue.components[static_cast<std::size_t>(i)];
      if (!model::on_device(c.kind)) continue;
      const model::Part& was = before.parts[static_cast<std::size_t>(i)];
      const model::Part& is = plan.after[n].parts[static_cast<std::size_t>(i)];
      for (model::Index v = 0; v < std::ssize(c.versions); ++v) {
        const model::Record& r = catalogue.record(i, v);
        const auto brings_back = [&](const model::Record& other) { return other.data.writes && r.data.reads(*other.data.writes); };
        const bool by_data = !r.data.reads(is.epoch) && std::none_of(c.versions.begin(), c.versions.end(), brings_back);
        const bool by_counter = r.security_counter < is.counter;
        if (r.security_counter < was.counter || !r.data.reads(was.epoch) || !(by_counter || by_data)) continue;
        ++closed;
        CHECK(std::count_if(doors.begin(), doors.end(), [&](const Door& d) {
                return d.step == n + 1 && d.why == (by_counter ? Door::Why::counter : Door::Why::data) &&
                       std::find(d.closed.begin(), d.closed.end(), model::Target{i, v}) != d.closed.end();
              }) == 1);
      }
    }
  }
  return closed;
}

}  // namespace

TEST_CASE("a stop is explained by what dies without it") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.5.0 2.0.0").from("app 2.0.0", ">=1.5.0").goal("app 2.0.0");
  const auto answer = plan_of(lab);
  const auto stops = why_stops(lab.problem(), answer.plan, answer.cost);
  REQUIRE(stops);
  REQUIRE(stops->size() == 1);
  CHECK((*stops)[0].step == 2);
  CHECK(sample::joined(text(lab.problem(), answer.cost, (*stops)[0])) ==
        "app 1.5.0: without it there is no way, because\n"
        "app 2.0.0 comes directly only from >=1.5.0 (app.xml:6)\n");
  check_stop(lab.problem(), answer.cost, (*stops)[0]);
}

TEST_CASE("a stop that only saves something says what") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.5.0 1.6.0 2.0.0").from("app 2.0.0", ">=1.5.0 <2.0.0").goal("app 2.0.0");
  lab.record("app 1.6.0").bytes = 5000;
  const auto answer = plan_of(lab);
  const auto stops = why_stops(lab.problem(), answer.plan, answer.cost);
  REQUIRE(stops);
  REQUIRE(stops->size() == 1);
  CHECK(text(lab.problem(), answer.cost, (*stops)[0])[0] == "app 1.5.0: without it 6000 bytes instead of 2000");
}

TEST_CASE("an order is explained by the bad state that the other one has, and by the fault that leads there") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("fpga", Kind::single, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.needs("radio 2.0.0", "app", ">=2.0.0").goal("app 2.0.0").goal("radio 2.0.0").goal("fpga 2.0.0");
  const auto answer = plan_of(lab);
  const std::vector<Swap> swaps = why_order(lab.catalogue(), answer.plan);
  Lines all;
  for (const Swap& s : swaps) {
    check_swap(lab.catalogue(), s);
    all.push_back(text(lab.catalogue(), s));
  }
  CHECK(sample::joined(all) ==
        "activate app 2.0.0 before activate radio 2.0.0: otherwise after activate radio 2.0.0, radio 2.0.0 requires app >=2.0.0, but app 1.0.0 is active (radio.xml:5)\n"
        "activate radio 2.0.0 and activate fpga 2.0.0: either order is safe\n");
}

TEST_CASE("what is activated together has its place in the order, too") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("fpga", Kind::single, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.needs("fpga 2.0.0", "app", ">=2.0.0").needs("fpga 2.0.0", "radio", ">=2.0.0").goal("app 2.0.0").goal("radio 2.0.0").goal("fpga 2.0.0");
  const auto answer = plan_of(lab);
  const std::vector<Swap> swaps = why_order(lab.catalogue(), answer.plan);
  CHECK(check_order(lab.catalogue(), answer.plan, swaps) == 1);
  REQUIRE(swaps.size() == 1);
  CHECK(text(lab.catalogue(), swaps[0]) ==
        "activate app 2.0.0 and radio 2.0.0 before activate fpga 2.0.0: otherwise after activate fpga 2.0.0, fpga 2.0.0 requires app >=2.0.0, but app 1.0.0 is active (fpga.xml:5)");
}

TEST_CASE("an order that only a fault would show names the fault") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("rootfs", Kind::ab_late, "1.0.0 2.0.0");
  lab.needs("app 2.0.0", "rootfs", ">=2.0.0").goal("app 2.0.0").goal("rootfs 2.0.0");
  const auto answer = plan_of(lab);
  const std::vector<Swap> swaps = why_order(lab.catalogue(), answer.plan);
  REQUIRE(swaps.size() == 1);
  check_swap(lab.catalogue(), swaps[0]);
  CHECK(text(lab.catalogue(), swaps[0]) ==
        "stage rootfs 2.0.0 before activate app 2.0.0: otherwise after activate app 2.0.0, when rootfs reverts to 1.0.0, app 2.0.0 requires rootfs >=2.0.0 (app.xml:5)");
}

TEST_CASE("each fault of each step has a way on") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::single, "1.0.0 2.0.0");
  lab.goal("app 2.0.0").goal("radio 2.0.0").needs("radio 2.0.0", "app", ">=2.0.0");
  const auto answer = plan_of(lab);
  Lines all;
  for (const Fault& f : what_if_it_fails(lab.problem(), answer.plan)) {
    check_fault(lab.catalogue(), answer.plan, f);
    all.push_back(text(lab.catalogue(), answer.plan, f));
  }
  CHECK(sample::joined(all) ==
        "step 1 (stage app 2.0.0): if it is refused, everything stays as it was; do the step again\n"
        "step 1 (stage app 2.0.0): if it ends halfway, app 1.0.0 runs on, without a fallback; do the step again\n"
        "step 2 (activate app 2.0.0): if it is refused, everything stays as it was; do the step again\n"
        "step 2 (activate app 2.0.0): if app goes back, app 1.0.0 runs again; then stage app 2.0.0 and activate app 2.0.0\n"
        "step 3 (confirm app 2.0.0): if it is refused, everything stays as it was; do the step again\n"
        "step 4 (activate radio 2.0.0): if it is refused, everything stays as it was; do the step again\n"
        "step 4 (activate radio 2.0.0): if the power goes meanwhile, radio has nothing that runs; do the step again\n");
}

TEST_CASE("a service that is being replaced goes on running: old and new together, and no power cut stops it") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("backend", Kind::service, "1.0.0 1.1.0");
  lab.goal("app 2.0.0").needs("app 2.0.0", "backend", ">=1.1.0");
  const auto answer = plan_of(lab);
  Lines of_the_roll;
  for (const Fault& f : what_if_it_fails(lab.problem(), answer.plan)) {
    check_fault(lab.catalogue(), answer.plan, f);
    if (f.step == 1) of_the_roll.push_back(text(lab.catalogue(), answer.plan, f));
  }
  CHECK(sample::joined(of_the_roll) ==
        "step 1 (roll backend 1.1.0): if it is refused, everything stays as it was; do the step again\n"
        "step 1 (roll backend 1.1.0): if it ends halfway, old and new backend run beside each other; do the step again\n");
}

TEST_CASE("a slot that may start at any time is a fault to expect before each step, also the first, and after a confirmation") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("rootfs", Kind::ab_late, "1.0.0 2.0.0");
  lab.start("rootfs") = {.active = 1, .fallback = 0, .alive = {}};
  lab.goal("app 2.0.0");
  const auto answer = plan_of(lab);
  const auto reverts = [&] {
    Lines out;
    for (const Fault& f : what_if_it_fails(lab.problem(), answer.plan)) {
      check_fault(lab.catalogue(), answer.plan, f);
      if (f.kind == Fault::Kind::revert && f.gone.component == 1) out.push_back(text(lab.catalogue(), answer.plan, f));
    }
    return sample::joined(out);
  };
  const std::string then = ": if rootfs goes back, rootfs 1.0.0 runs again; then stage rootfs 2.0.0, activate rootfs 2.0.0 and confirm rootfs 2.0.0\n";
  CHECK(reverts() == "before step 1" + then + "step 1 (stage app 2.0.0)" + then + "step 2 (activate app 2.0.0)" + then + "step 3 (confirm app 2.0.0)" + then);

  // A version that no release describes cannot be sent again.
  lab.record("rootfs 2.0.0").bare = true;
  const std::string ask = "before step 1: if rootfs goes back, rootfs 1.0.0 runs again; ask for a new plan from there\n";
  CHECK(reverts().starts_with(ask));

  // Nor may one that is held back.
  lab.record("rootfs 2.0.0").bare = false;
  lab.ban("rootfs 2.0.0");
  CHECK(reverts().starts_with(ask));
}

TEST_CASE("doors that close: counter, data, what is published, and the maker's word") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "5.0.0 6.0.0");
  lab.record("app 2.0.0").security_counter = 3;
  lab.record("app 2.0.0").one_way = true;
  lab.needs("app 2.0.0", "mobile-app", ">=6.0.0").goal("app 2.0.0");
  const auto answer = plan_of(lab, true);
  Lines all;
  for (const Door& d : what_cannot_be_undone(lab.catalogue(), answer.plan)) {
    check_door(lab.catalogue(), answer.plan, d);
    all.push_back(text(lab.catalogue(), answer.plan, d));
  }
  CHECK(sample::joined(all) ==
        "after step 1 (publish mobile-app 6.0.0) those who have it keep it: it can be retired, not taken back (mobile-app.xml:4)\n"
        "after step 6 (finalise app 2.0.0) nobody can go back: its maker says that it is one-way (app.xml:4)\n"
        "after step 6 (finalise app 2.0.0) app 1.0.0 can never run here again: the security counter is 3 then (app.xml:4)\n");

  Lab data;
  data.component("app", Kind::ab_late, "1.0.0 2.0.0 3.0.0").goal("app 3.0.0");
  data.record("app 1.0.0").data = {.reads_lowest = 0, .reads_highest = 0};
  data.record("app 2.0.0").data = {.reads_lowest = 0, .reads_highest = 1};
  data.record("app 3.0.0").data = {.reads_lowest = 0, .reads_highest = 1, .writes = 1};
  const auto moved = plan_of(data, true);
  const auto doors = what_cannot_be_undone(data.catalogue(), moved.plan);
  REQUIRE(doors.size() == 1);
  CHECK(text(data.catalogue(), moved.plan, doors[0]) ==
        "after step 4 (finalise app 3.0.0) app 1.0.0 can never run here again: the stored data are of epoch 1 then (app.xml:5)");
}

TEST_CASE("a door that closes names every version behind it") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.4.0 1.5.0 2.0.0").goal("app 2.0.0");
  lab.record("app 1.5.0").security_counter = lab.record("app 2.0.0").security_counter = 3;
  const auto counter = plan_of(lab, true);
  const auto doors = what_cannot_be_undone(lab.catalogue(), counter.plan);
  REQUIRE(doors.size() == 1);
  CHECK(text(lab.catalogue(), counter.plan, doors[0]) ==
        "after step 4 (finalise app 2.0.0) app 1.0.0 and 1.4.0 can never run here again: the security counter is 3 then (app.xml:6)");

  Lab data;
  data.component("app", Kind::ab_trial, "1.0.0 1.4.0 2.0.0").goal("app 2.0.0");
  for (const char* old : {"app 1.0.0", "app 1.4.0"}) data.record(old).data = {.reads_lowest = 0, .reads_highest = 0};
  data.record("app 2.0.0").data = {.reads_lowest = 0, .reads_highest = 1, .writes = 1};
  const auto moved = plan_of(data, true);
  const auto behind = what_cannot_be_undone(data.catalogue(), moved.plan);
  REQUIRE(behind.size() == 1);
  CHECK(text(data.catalogue(), moved.plan, behind[0]) ==
        "after step 4 (finalise app 2.0.0) app 1.0.0 and 1.4.0 can never run here again: the stored data are of epoch 1 then (app.xml:5)");
}

TEST_CASE("a step leaves what the search of every state says") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const oracle::Instance instance = oracle::draw(seed);
    const auto answer = plan::make_plan(instance.problem());
    REQUIRE(answer);
    const model::State* now = &answer->plan.start;
    for (std::size_t n = 0; n < answer->plan.steps.size(); ++n) {
      const auto passage = take_step(instance.catalogue, *now, answer->plan.steps[n]);
      REQUIRE(passage);
      CHECK(passage->moments.back() == answer->plan.after[n]);
      now = &answer->plan.after[n];
    }
  }
}

TEST_CASE("random products: every word about a plan is true") {
  int plans = 0, stops_needed = 0, stops_dearer = 0, swaps_bad = 0, swaps_safe = 0, swaps_of_several = 0, by_fault = 0, faults = 0, replans = 0, pairs = 0, doors = 0, closed = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const oracle::Instance instance = oracle::draw(seed);
    const model::Problem problem = instance.problem();
    CAPTURE(oracle::text(instance));
    const auto answer = plan::make_plan(problem, {.limits = {}, .finalise_at_end = seed % 2 == 0});
    REQUIRE(answer);
    if (answer->verdict != Verdict::found) continue;
    ++plans;
    const auto stops = why_stops(problem, answer->plan, answer->cost);
    REQUIRE(stops);
    for (const Stop& stop : *stops) {
      check_stop(problem, answer->cost, stop);
      stops_needed += stop.how == Stop::How::needed;
      stops_dearer += stop.how == Stop::How::dearer;
    }
    const std::vector<Swap> swaps = why_order(instance.catalogue, answer->plan);
    swaps_of_several += check_order(instance.catalogue, answer->plan, swaps);
    for (const Swap& swap : swaps) {
      check_swap(instance.catalogue, swap);
      CHECK_FALSE(text(instance.catalogue, swap).empty());
      (swap.failure ? swaps_bad : swaps_safe) += 1;
      by_fault += swap.failure && (swap.failure->middle || !swap.failure->violation.reverted.empty());
    }
    const std::vector<Fault> said = what_if_it_fails(instance.problem(), answer->plan);
    const FaultsByWorld by_world(instance.catalogue, answer->plan);
    by_world.check(said);
    pairs += by_world.check_pairs(said);
    for (const Fault& fault : said) {
      check_fault(instance.catalogue, answer->plan, fault);
      ++faults;
      replans += fault.replan;
    }
    const std::vector<Door> closing = what_cannot_be_undone(instance.catalogue, answer->plan);
    closed += check_closed(instance.catalogue, answer->plan, closing);
    for (const Door& door : closing) {
      check_door(instance.catalogue, answer->plan, door);
      ++doors;
    }
  }
  MESSAGE(plans << " plans; stops: " << stops_needed << " needed, " << stops_dearer << " dearer; swaps: " << swaps_bad << " bad ("
                << by_fault << " only after a fault), " << swaps_safe << " safe, " << swaps_of_several << " of several components; faults: " << faults << ", " << replans
                << " to replan, " << pairs << " pairs of reverts; doors: " << doors << ", " << closed << " versions behind them");
  CHECK(stops_needed > 5);
  CHECK(swaps_bad > 20);
  CHECK(swaps_of_several > 5);
  CHECK(pairs > 20);
  CHECK(doors > 5);
  CHECK(closed > 20);
}

}  // namespace lockstep::explain
