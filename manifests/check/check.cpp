#include "manifests/check/check.hpp"

#include <algorithm>

namespace lockstep::check {
namespace {

using namespace model;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }
bool is_version(const Component& c, Index v) { return v >= 0 && v < std::ssize(c.versions); }
bool is_target(const Catalogue& c, const Target& t) {
  return t.component >= 0 && t.component < std::ssize(c.components) && is_version(c.components[at(t.component)], t.version);
}

bool fits(const Record& r, const Board& board) {
  return std::any_of(r.hardware.begin(), r.hardware.end(), [&](const release::Hardware& h) {
    return h.board == board.board && h.revisions.contains(board.revision);
  });
}

// Why no component can be so; empty when one can.
std::string malformed(const Component& c, const Part& p) {
  const auto known = [&](Index v) { return is_version(c, v); };
  if (!on_device(c.kind)) {
    const bool ascending = std::adjacent_find(p.alive.begin(), p.alive.end(), std::greater_equal()) == p.alive.end();
    if (!ascending || !std::all_of(p.alive.begin(), p.alive.end(), known)) return " has no set of versions";
    return p == Part{.alive = p.alive} ? "" : " is not on the device";
  }
  if (p.active == none) return p == Part{.active = none} ? "" : " is not on this device";
  const bool single = c.kind == Kind::single;
  if (!p.alive.empty()) return " is on the device";
  if (!known(p.active) && !(single && p.active == torn)) return " has no active version";
  if (p.fallback != none && (single || !known(p.fallback))) return " has no such fallback";
  if (p.staged != none && (single || !known(p.staged))) return " has no such staged version";
  if (p.fallback != none && p.staged != none) return " has two slots, not three";
  if (p.trial && p.fallback == none) return " is on trial without a fallback";
  return {};
}

std::string malformed(const Catalogue& catalogue, const State& state) {
  if (state.parts.size() != catalogue.components.size()) return "a state does not have one part for each component";
  for (std::size_t i = 0; i < state.parts.size(); ++i) {
    const std::string why = malformed(catalogue.components[i], state.parts[i]);
    if (!why.empty()) return catalogue.components[i].label() + why;
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

// Looks at one moment as it is.
struct Look {
  const Catalogue& catalogue;
  const Board& board;
  const State& state;                   // after the reverts
  const std::vector<Target>& reverted;  // which led there
  std::vector<Violation>& found;

  // `owed`: what must be possible to write.
  void run(const std::vector<Target>& owed) {
    for (Index i = 0; i < std::ssize(state.parts); ++i) {
      const Part& p = part(i);
      if (p.active >= 0) {
        const Record& r = catalogue.record(i, p.active);
        if (!fits(r, board)) add(Rule::hardware, {i, p.active}, {}, r.at, {});
        if (r.security_counter < p.counter) add(Rule::counter, {i, p.active}, {}, r.at, {});
        if (!r.data.reads(p.epoch)) add(Rule::data, {i, p.active}, {}, r.at, {});
      }
      for (const Index v : active(i)) needs({i, v}, When::active, Rule::need);
      for (const Index v : active(i)) needs({i, v}, When::installed, Rule::need);
      for (const Index v : {p.fallback, p.staged}) needs({i, v}, When::installed, Rule::need);
    }
    for (const Target& t : owed) way(t);
  }

  const Part& part(Index i) const { return state.parts[at(i)]; }
  // On the device one version, or torn, or none; of software all that are alive.
  std::vector<Index> active(Index i) const {
    return on_device(catalogue.components[at(i)].kind) ? std::vector{part(i).active} : part(i).alive;
  }

  // The way to `who` is open.
  void way(const Target& who) {
    const Component& c = catalogue.components[at(who.component)];
    if (c.via != none && part(c.via).active < 0) add(Rule::way, who, {c.via, part(c.via).active}, c.at, {});
    needs(who, When::during_flash, Rule::way);
  }

  void needs(const Target& who, When when, Rule rule) {
    if (who.version < 0) return;  // nothing there, or torn: it demands nothing
    for (const Need& need : catalogue.record(who.component, who.version).needs) {
      if (need.when != when) continue;
      for (const Index v : active(need.component)) {
        const bool holds = v == torn ? when != When::during_flash
                                     : v != none && need.range.contains(catalogue.record(need.component, v).version);
        if (!holds) add(rule, who, {need.component, v}, need.at, need.range.text());
      }
    }
  }

  void add(Rule rule, const Target& who, const Target& other, const Place& place, std::string detail) {
    Violation v{rule, state, reverted, who, other, place, std::move(detail)};
    const bool known = std::any_of(found.begin(), found.end(), [&](const Violation& f) {
      return f.rule == v.rule && f.who == v.who && f.other == v.other && f.at == v.at && f.detail == v.detail;
    });
    if (!known) found.push_back(std::move(v));
  }
};

// Does a step for one target, and notes the moments in the middle. Why it cannot be done there; empty when it is.
std::string take(const Catalogue& catalogue, const Board& board, Act act, const Target& t, State& now,
                 std::vector<State>& passed) {
  const Component& c = catalogue.components[at(t.component)];
  const Record& r = catalogue.record(t.component, t.version);
  Part& p = now.parts[at(t.component)];
  const bool two_slots = has_two_slots(c.kind);
  if (p.active == none) return " is not on this device";
  const bool is_active = p.active == t.version;  // never for software: none of it is active
  const bool from = p.active == torn || !r.from || r.from->range.contains(catalogue.record(t.component, p.active).version);
  const auto place = std::lower_bound(p.alive.begin(), p.alive.end(), t.version);
  const bool in_use = place != p.alive.end() && *place == t.version;
  const auto moment = [&] { passed.push_back(now); };

  switch (act) {
    case Act::stage:
      if (!two_slots || p.trial) return " has no second slot, or is on trial";
      if (!is_active && !from) return " has an active version from which this one does not come directly";
      if (!fits(r, board) || r.security_counter < p.counter) return " could never boot this version here";
      p.fallback = p.staged = none;
      moment();
      p.staged = t.version;
      break;
    case Act::activate:
      if (two_slots && p.staged != t.version) return " has this version not staged";
      if (!two_slots && c.kind != Kind::single) return " is not written in place";
      if (!two_slots && !from) return " has an active version from which this one does not come directly";
      if (two_slots) {
        p.fallback = p.active;
      } else {
        p.active = torn;
        moment();
      }
      p.active = t.version;
      p.staged = none;
      p.trial = two_slots;
      if (!r.data.at_boot) break;
      moment();
      p.epoch = r.data.writes.value_or(p.epoch);
      break;
    case Act::confirm:
      if (!p.trial || !is_active) return " does not have this version on trial";
      p.trial = false;
      if (c.kind == Kind::ab_trial) p.fallback = none;
      break;
    case Act::finalise:
      if (!is_active || p.trial || p.staged != none) return " has not just this version, active and confirmed";
      p.fallback = none;
      moment();
      p.counter = std::max(p.counter, r.security_counter);
      moment();
      p.epoch = r.data.writes.value_or(p.epoch);
      break;
    case Act::publish:
      if (c.kind != Kind::app || in_use) return " is no app, or this version is in use already";
      p.alive.insert(place, t.version);
      break;
    case Act::retire:
      if (c.kind != Kind::app || !in_use || p.alive.size() == 1) return " is no app with this version and another in use";
      std::erase(p.alive, t.version);
      break;
    case Act::roll:
      if (c.kind != Kind::service || p.alive == std::vector{t.version}) return " is no service, or is at this version already";
      if (!in_use) p.alive.insert(place, t.version);
      moment();
      p.alive = {t.version};
      break;
  }
  return {};
}

// The moments of a step: before it, in its middle, after it; or why it cannot be done.
Result<std::vector<State>, std::string> moments_of(const Catalogue& catalogue, const Board& board, const State& before,
                                                   const Step& step) {
  State now = before;
  std::vector<State> passed{before};
  if (step.targets.empty()) return Fail(std::string("the step has no target"));
  for (const Target& t : step.targets) {
    if (!is_target(catalogue, t)) return Fail(std::string("a target is not there"));
    const Component& c = catalogue.components[at(t.component)];
    const bool together = has_two_slots(c.kind) && (step.act == Act::activate || step.act == Act::confirm);
    if (step.targets.size() > 1 && !together) return Fail(c.label() + " cannot do this together with others");
    const std::string why_not = take(catalogue, board, step.act, t, now, passed);
    if (!why_not.empty()) return Fail(c.label() + why_not);
  }
  passed.push_back(std::move(now));
  return passed;
}

Violation broken(Rule rule, const State& state, std::string sentence) {
  return {.rule = rule, .state = state, .reverted = {}, .who = {}, .other = {}, .at = {}, .detail = std::move(sentence)};
}

}  // namespace

std::vector<Violation> check_state(const Catalogue& catalogue, const Board& board, const State& state, const Target& written) {
  std::string wrong = malformed(catalogue, state);
  if (wrong.empty() && written.component != none && !is_target(catalogue, written)) wrong = "what is written is not there";
  if (!wrong.empty()) return {broken(Rule::shape, state, wrong)};

  std::vector<Violation> found;
  const auto look = [&](std::initializer_list<Index> reverting) {
    State after = state;
    std::vector<Target> reverted, owed;  // with `written`, what a cut in the middle tears can be written again
    if (written.component != none) owed.push_back(written);
    for (const Index i : reverting) {
      Part& p = after.parts[at(i)];
      owed.push_back({i, p.active});
      reverted.push_back({i, p.fallback});
      p.active = p.fallback;
      p.fallback = p.staged = none;
      p.trial = false;
    }
    Look{catalogue, board, after, reverted, found}.run(owed);
  };
  // Each rule is about one component or two, and each component reverts by itself. So what two reverts do not show, more
  // do not show either (a test tries all of them).
  look({});
  std::vector<Index> able;
  for (Index i = 0; i < std::ssize(state.parts); ++i) {
    const Kind kind = catalogue.components[at(i)].kind;
    const bool may = kind == Kind::ab_late || (kind == Kind::ab_trial && state.parts[at(i)].trial);
    if (!may || state.parts[at(i)].fallback == none) continue;
    look({i});
    for (const Index j : able) look({j, i});
    able.push_back(i);
  }
  return found;
}

Result<void, Failure> check(const Catalogue& catalogue, const Plan& plan) {
  const auto no = [](std::size_t step, bool middle, Violation v) { return Fail(Failure{step, middle, std::move(v)}); };

  const std::string wrong = malformed(catalogue, plan);
  if (!wrong.empty()) return no(0, false, broken(Rule::shape, plan.start, wrong));
  if (const auto found = check_state(catalogue, plan.board, plan.start); !found.empty()) return no(0, false, found[0]);
  const State* now = &plan.start;
  for (std::size_t n = 0; n < plan.steps.size(); ++n) {
    const Step& step = plan.steps[n];
    const auto moments = moments_of(catalogue, plan.board, *now, step);
    if (!moments) return no(n + 1, false, broken(Rule::step, *now, moments.error()));
    if (plan.after[n] != moments->back()) {
      return no(n + 1, false, broken(Rule::effect, plan.after[n], "the step leaves another state"));
    }
    const Target& first = step.targets[0];
    const bool single = catalogue.components[at(first.component)].kind == Kind::single;
    const Target written = step.act == Act::stage || (step.act == Act::activate && single) ? first : Target{};
    for (const State& moment : *moments) {
      const auto found = check_state(catalogue, plan.board, moment, written);
      const bool middle = &moment != &moments->front() && &moment != &moments->back();
      if (!found.empty()) return no(n + 1, middle, found[0]);
    }
    now = &plan.after[n];
  }
  for (std::size_t i = 0; i < now->parts.size(); ++i) {
    const Component& c = catalogue.components[i];
    const Index v = plan.goal.versions[i];
    const Part& p = now->parts[i];
    const bool there = on_device(c.kind) ? p.active == v && !p.trial : p.alive == std::vector{v};
    if (v != none && !there) return no(plan.steps.size(), false, broken(Rule::goal, *now, c.label() + " is not as the goal asks"));
  }
  return {};
}

}  // namespace lockstep::check
