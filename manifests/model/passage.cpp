#include "manifests/model/passage.hpp"

#include <algorithm>

namespace lockstep::model {
namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

// One target; false when it cannot be done.
bool take(const Catalogue& catalogue, Act act, const Target& t, State& now, std::vector<State>& passed) {
  const Component& c = catalogue.components[at(t.component)];
  const Record& r = catalogue.record(t.component, t.version);
  Part& p = now.parts[at(t.component)];
  const bool two_slots = has_two_slots(c.kind);
  const bool in_use = std::find(p.alive.begin(), p.alive.end(), t.version) != p.alive.end();
  const auto moment = [&] { passed.push_back(now); };
  const auto use = [&] { p.alive.insert(std::lower_bound(p.alive.begin(), p.alive.end(), t.version), t.version); };
  switch (act) {
    case Act::stage:
      if (!two_slots || p.trial || p.active < 0) return false;
      p.fallback = p.staged = none;
      moment();
      p.staged = t.version;
      return true;
    case Act::activate:
      if (two_slots ? p.staged != t.version || p.trial : c.kind != Kind::single || p.active == none) return false;
      if (two_slots) {
        p.fallback = p.active;
      } else {
        p.active = torn;
        moment();
      }
      p.active = t.version;
      p.staged = none;
      p.trial = two_slots;
      if (!r.data.at_boot) return true;
      moment();
      p.epoch = r.data.writes.value_or(p.epoch);
      return true;
    case Act::confirm:
      if (!p.trial || p.active != t.version) return false;
      p.trial = false;
      if (c.kind == Kind::ab_trial) p.fallback = none;
      return true;
    case Act::finalise:
      if (p.active != t.version || p.trial || p.staged != none || !on_device(c.kind)) return false;
      p.fallback = none;
      moment();
      p.counter = std::max(p.counter, r.security_counter);
      moment();
      p.epoch = r.data.writes.value_or(p.epoch);
      return true;
    case Act::publish:
      if (c.kind != Kind::app || in_use) return false;
      use();
      return true;
    case Act::retire:
      if (c.kind != Kind::app || !in_use || p.alive.size() == 1) return false;
      std::erase(p.alive, t.version);
      return true;
    case Act::roll:
      if (c.kind != Kind::service || p.alive == std::vector{t.version}) return false;
      if (!in_use) use();
      moment();
      p.alive = {t.version};
      return true;
  }
  return false;
}

}  // namespace

std::optional<Passage> take_step(const Catalogue& catalogue, const State& before, const Step& step) {
  Passage out;
  State now = before;
  for (const Target& t : step.targets) {
    if (!take(catalogue, step.act, t, now, out.moments)) return std::nullopt;
  }
  out.moments.push_back(std::move(now));
  const Target& first = step.targets[0];
  const bool single = catalogue.components[at(first.component)].kind == Kind::single;
  if (step.act == Act::stage || (step.act == Act::activate && single)) out.written = first;
  return out;
}

bool comes_directly(const Catalogue& catalogue, const State& before, const Target& target) {
  const Component& c = catalogue.components[at(target.component)];
  const Record& r = catalogue.record(target.component, target.version);
  const Index active = before.parts[at(target.component)].active;
  if (!on_device(c.kind) || active < 0 || !r.from) return true;
  if (has_two_slots(c.kind) && active == target.version) return true;
  return r.from->range.contains(catalogue.record(target.component, active).version);
}

std::optional<Plan> with_steps(const Catalogue& catalogue, const Plan& plan, std::vector<Step> steps) {
  Plan out{.board = plan.board, .start = plan.start, .goal = plan.goal, .steps = std::move(steps), .after = {}};
  const State* now = &out.start;
  out.after.reserve(out.steps.size());
  for (const Step& step : out.steps) {
    auto passage = take_step(catalogue, *now, step);
    if (!passage) return std::nullopt;
    out.after.push_back(std::move(passage->moments.back()));
    now = &out.after.back();
  }
  return out;
}

bool may_revert(const Catalogue& catalogue, const State& state, Index component) {
  const Kind kind = catalogue.components[at(component)].kind;
  const Part& p = state.parts[at(component)];
  return p.fallback >= 0 && (kind == Kind::ab_late || (kind == Kind::ab_trial && p.trial));
}

void revert(Part& part) {
  part.active = part.fallback;
  part.fallback = part.staged = none;
  part.trial = false;
}

bool fits(const std::vector<release::Hardware>& hardware, const Board& board) {
  return std::any_of(hardware.begin(), hardware.end(), [&](const release::Hardware& h) {
    return h.board == board.board && h.revisions.contains(board.revision);
  });
}

std::vector<Index> may_be(const Catalogue& catalogue, const State& state, Index component) {
  const Part& p = state.parts[at(component)];
  if (!on_device(catalogue.components[at(component)].kind)) return p.alive;
  std::vector<Index> out;
  if (p.active >= 0) out.push_back(p.active);
  if (may_revert(catalogue, state, component)) out.push_back(p.fallback);
  return out;
}

}  // namespace lockstep::model
