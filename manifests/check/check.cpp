#include "manifests/check/check.hpp"

#include <algorithm>

namespace lockstep::check {
namespace {

using namespace model;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }
bool is_component(const Catalogue& c, Index i) { return i >= 0 && i < std::ssize(c.components); }
bool is_version(const Component& c, Index v) { return v >= 0 && v < std::ssize(c.versions); }
bool is_target(const Catalogue& c, const Target& t) {
  return is_component(c, t.component) && is_version(c.components[at(t.component)], t.version);
}

bool fits(const Record& r, const Board& board) {
  return std::any_of(r.hardware.begin(), r.hardware.end(), [&](const release::Hardware& h) {
    return h.board == board.board && h.revisions.contains(board.revision);
  });
}

// Why no device can be in this state; empty when one can.
std::string malformed(const Catalogue& catalogue, const State& state) {
  if (state.parts.size() != catalogue.components.size()) return "a state does not have one part for each component";
  for (std::size_t i = 0; i < state.parts.size(); ++i) {
    const Component& c = catalogue.components[i];
    const Part& p = state.parts[i];
    const auto known = [&](Index v) { return is_version(c, v); };
    const bool single = c.kind == Kind::single;
    if (!on_device(c.kind)) {
      const bool ascending = std::adjacent_find(p.alive.begin(), p.alive.end(), std::greater_equal()) == p.alive.end();
      if (!ascending || !std::all_of(p.alive.begin(), p.alive.end(), known)) return c.label() + " has no set of versions";
      if (Part bare; bare.alive = p.alive, p != bare) return c.label() + " is not on the device";
      continue;
    }
    if (!p.alive.empty()) return c.label() + " is on the device";
    if (p.active == none) {  // the device does not have it
      if (Part absent{.active = none}; p != absent) return c.label() + " is not on this device";
      continue;
    }
    if (!known(p.active) && !(single && p.active == torn)) return c.label() + " has no active version";
    if (p.fallback != none && !known(p.fallback)) return c.label() + " has no such fallback";
    if (p.staged != none && !known(p.staged)) return c.label() + " has no such staged version";
    if (single && (p.fallback != none || p.staged != none)) return c.label() + " has one slot";
    if (p.fallback != none && p.staged != none) return c.label() + " has two slots, not three";
    if (p.trial && p.fallback == none) return c.label() + " is on trial without a fallback";
  }
  return {};
}

std::string malformed(const Catalogue& catalogue, const Plan& plan) {
  const std::vector<Index>& goal = plan.goal.versions;
  if (plan.after.size() != plan.steps.size()) return "the plan does not have one state for each step";
  if (goal.size() != catalogue.components.size()) return "the goal does not have one version for each component";
  for (std::size_t i = 0; i < goal.size(); ++i) {
    if (goal[i] != none && !is_version(catalogue.components[i], goal[i])) return "the goal names a version that is not there";
  }
  return {};
}

// Looks at one moment. A need is between two components, and each component reverts by itself; so all combinations of
// reverts are good when each pair of versions is that two components may have at once (a test enumerates instead).
class Look {
 public:
  Look(const Catalogue& catalogue, const Board& board, const State& state)
      : catalogue_(catalogue), board_(board), state_(state) {}

  std::vector<Violation> run(const Target& written) {
    for (Index i = 0; i < std::ssize(state_.parts); ++i) {
      const Component& c = catalogue_.components[at(i)];
      const Part& p = state_.parts[at(i)];
      for (const May& self : may_be(i)) {
        if (self.version < 0) continue;
        if (on_device(c.kind)) runs({i, self.version}, self);
        if (self.reverts) way({i, p.active}, self);
        needs({i, self.version}, self, When::active, Rule::need);
      }
      // What is in a slot is there before it reverts, too; software in use is installed.
      for (const Index v : on_device(c.kind) ? std::vector{p.active, p.fallback, p.staged} : p.alive) {
        if (is_version(c, v)) needs({i, v}, {v, false}, When::installed, Rule::need);
      }
    }
    // With this, what a cut in the middle tears can be written again.
    if (written.component != none) way(written, {written.version, false});
    return std::move(found_);
  }

 private:
  struct May {
    Index version = none;  // or torn
    bool reverts = false;  // by a revert; else it is so already
  };

  // What component i may be: on the device any one of these, of software all of them at once.
  std::vector<May> may_be(Index i) const {
    const Kind kind = catalogue_.components[at(i)].kind;
    const Part& p = state_.parts[at(i)];
    std::vector<May> out;
    if (on_device(kind)) out.push_back({p.active, false});
    if (p.fallback != none && (kind == Kind::ab_late || (kind == Kind::ab_trial && p.trial))) out.push_back({p.fallback, true});
    if (!on_device(kind)) std::for_each(p.alive.begin(), p.alive.end(), [&](Index v) { out.push_back({v, false}); });
    return out;
  }

  // What a version that runs demands by itself.
  void runs(const Target& who, const May& self) {
    const Record& r = catalogue_.record(who.component, who.version);
    const Part& p = state_.parts[at(who.component)];
    if (!fits(r, board_)) add(Rule::hardware, who, self, {}, {}, r.at, {});
    if (r.security_counter < p.counter) add(Rule::counter, who, self, {}, {}, r.at, {});
    if (!r.data.reads(p.epoch)) add(Rule::data, who, self, {}, {}, r.at, {});
  }

  // The way to `who` is open.
  void way(const Target& who, const May& self) {
    const Component& c = catalogue_.components[at(who.component)];
    if (c.via != none && state_.parts[at(c.via)].active < 0) {
      add(Rule::way, who, self, {c.via, state_.parts[at(c.via)].active}, {}, c.at, {});
    }
    needs(who, self, When::during_flash, Rule::way);
  }

  void needs(const Target& who, const May& self, When when, Rule rule) {
    for (const Need& need : catalogue_.record(who.component, who.version).needs) {
      if (need.when != when) continue;
      for (const May& other : may_be(need.component)) {
        const bool holds = other.version == torn ? when != When::during_flash
                           : other.version == none
                               ? false
                               : need.range.contains(catalogue_.record(need.component, other.version).version);
        if (!holds) add(rule, who, self, {need.component, other.version}, other, need.at, need.range.text());
      }
    }
  }

  void add(Rule rule, const Target& who, const May& self, const Target& other, const May& with, const Place& place,
           const std::string& detail) {
    Violation v{.rule = rule, .state = state_, .reverted = {}, .who = who, .other = other, .at = place, .detail = detail};
    if (self.reverts) revert(v, who.component);
    if (with.reverts) revert(v, other.component);
    found_.push_back(std::move(v));
  }

  static void revert(Violation& v, Index i) {
    Part& p = v.state.parts[at(i)];
    v.reverted.push_back({i, p.fallback});
    p.active = p.fallback;
    p.fallback = p.staged = none;
    p.trial = false;
  }

  const Catalogue& catalogue_;
  const Board& board_;
  const State& state_;
  std::vector<Violation> found_;
};

// Takes one step: the moments in the middle of it, then the state that it leaves.
class Stepper {
 public:
  Stepper(const Catalogue& catalogue, const Board& board, const State& before)
      : catalogue_(catalogue), board_(board), now_(before) {}

  Result<std::vector<State>, std::string> run(const Step& step) {
    const bool several = step.act == Act::activate || step.act == Act::confirm;
    demand(step.targets.size() == 1 || (step.targets.size() > 1 && several), "the step has the wrong number of targets");
    for (const Target& t : step.targets) {
      demand(is_target(catalogue_, t), "a target is not there");
      if (why_not_.empty()) take(step.act, t, step.targets.size() == 1);
    }
    if (!why_not_.empty()) return Fail(why_not_);
    passed_.push_back(now_);
    return passed_;
  }

 private:
  void demand(bool condition, const std::string& otherwise) {
    if (!condition && why_not_.empty()) why_not_ = otherwise;
  }

  void take(Act act, const Target& t, bool alone) {
    const Component& c = catalogue_.components[at(t.component)];
    const Record& r = catalogue_.record(t.component, t.version);
    Part& p = now_.parts[at(t.component)];
    const bool two_slots = has_two_slots(c.kind);
    const bool is_active = on_device(c.kind) && p.active == t.version;
    demand(!on_device(c.kind) || p.active != none, c.label() + " is not on this device");
    if (!why_not_.empty()) return;
    const bool from = !on_device(c.kind) || p.active == torn || !r.from ||
                      r.from->range.contains(catalogue_.record(t.component, p.active).version);
    const auto place = std::lower_bound(p.alive.begin(), p.alive.end(), t.version);
    const bool in_use = !on_device(c.kind) && place != p.alive.end() && *place == t.version;
    const auto moment = [&] { passed_.push_back(now_); };

    switch (act) {
      case Act::stage:
        demand(two_slots, c.label() + " has no second slot");
        demand(!p.trial, c.label() + " is on trial");
        demand(is_active || from, c.label() + " has an active version from which this one does not come directly");
        demand(fits(r, board_) && r.security_counter >= p.counter, c.label() + " could never boot this version here");
        p.fallback = p.staged = none;
        moment();
        p.staged = t.version;
        break;
      case Act::activate:
        demand((two_slots && p.staged == t.version) || (c.kind == Kind::single && alone),
               c.label() + " has this version not staged, or is none that is written in place, alone");
        demand(two_slots || from, c.label() + " has an active version from which this one does not come directly");
        if (two_slots) p.fallback = p.active;
        if (!two_slots) p.active = torn;
        if (!two_slots) moment();
        p.active = t.version;
        p.staged = none;
        p.trial = two_slots;
        if (r.data.at_boot) p.epoch = r.data.writes.value_or(p.epoch);
        break;
      case Act::confirm:
        demand(p.trial && is_active, c.label() + " does not have this version on trial");
        p.trial = false;
        if (c.kind == Kind::ab_trial) p.fallback = none;
        break;
      case Act::finalise:
        demand(is_active && !p.trial && p.staged == none, c.label() + " has not just this version, active and confirmed");
        p.fallback = none;
        moment();
        p.counter = std::max(p.counter, r.security_counter);
        moment();
        p.epoch = r.data.writes.value_or(p.epoch);
        break;
      case Act::publish:
        demand(c.kind == Kind::app && !in_use, c.label() + " is no app, or this version is in use already");
        p.alive.insert(place, t.version);
        break;
      case Act::retire:
        demand(c.kind == Kind::app && in_use && p.alive.size() > 1, c.label() + " is no app with this version and another in use");
        std::erase(p.alive, t.version);
        break;
      case Act::roll:
        demand(c.kind == Kind::service && !in_use && p.alive.size() == 1, c.label() + " is no service at one other version");
        p.alive.insert(place, t.version);
        moment();
        p.alive = {t.version};
        break;
    }
  }

  const Catalogue& catalogue_;
  const Board& board_;
  State now_;
  std::vector<State> passed_;
  std::string why_not_;
};

Violation broken(Rule rule, const State& state, std::string sentence) {
  return {.rule = rule, .state = state, .reverted = {}, .who = {}, .other = {}, .at = {}, .detail = std::move(sentence)};
}

// The goal's component that is not as it shall be; none when all are.
Index missed(const Catalogue& catalogue, const State& state, const Goal& goal) {
  for (std::size_t i = 0; i < state.parts.size(); ++i) {
    const Index v = goal.versions[i];
    const Part& p = state.parts[i];
    const bool there = on_device(catalogue.components[i].kind) ? p.active == v && !p.trial : p.alive == std::vector{v};
    if (v != none && !there) return static_cast<Index>(i);
  }
  return none;
}

}  // namespace

std::vector<Violation> check_state(const Catalogue& catalogue, const Board& board, const State& state, const Target& written) {
  std::string wrong = malformed(catalogue, state);
  if (wrong.empty() && written.component != none && !is_target(catalogue, written)) wrong = "what is written is not there";
  if (!wrong.empty()) return {broken(Rule::shape, state, wrong)};
  return Look(catalogue, board, state).run(written);
}

Result<void, Failure> check(const Catalogue& catalogue, const Plan& plan) {
  const auto no = [](std::size_t step, bool middle, Violation v) { return Fail(Failure{step, middle, std::move(v)}); };
  const auto bad = [&](const State& state, const Target& written) { return check_state(catalogue, plan.board, state, written); };

  const std::string wrong = malformed(catalogue, plan);
  if (!wrong.empty()) return no(0, false, broken(Rule::shape, plan.start, wrong));
  if (const auto found = bad(plan.start, {}); !found.empty()) return no(0, false, found[0]);
  const State* now = &plan.start;
  for (std::size_t n = 0; n < plan.steps.size(); ++n) {
    const Step& step = plan.steps[n];
    const auto moments = Stepper(catalogue, plan.board, *now).run(step);
    if (!moments) return no(n + 1, false, broken(Rule::step, *now, moments.error()));
    if (plan.after[n] != moments->back()) return no(n + 1, false, broken(Rule::effect, plan.after[n], "the step leaves another state"));
    const Target& first = step.targets[0];
    const bool single = catalogue.components[at(first.component)].kind == Kind::single;
    const Target written = step.act == Act::stage || (step.act == Act::activate && single) ? first : Target{};
    if (const auto found = bad(*now, written); !found.empty()) return no(n + 1, false, found[0]);
    for (const State& moment : *moments) {
      if (const auto found = bad(moment, written); !found.empty()) return no(n + 1, &moment != &moments->back(), found[0]);
    }
    now = &plan.after[n];
  }
  const Index i = missed(catalogue, *now, plan.goal);
  if (i == none) return {};
  return no(plan.steps.size(), false, broken(Rule::goal, *now, catalogue.components[at(i)].label() + " is not as the goal asks"));
}

}  // namespace lockstep::check
