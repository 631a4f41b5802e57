#include "manifests/plan/write_out.hpp"

#include <algorithm>

namespace lockstep::plan {
namespace {

using model::Act;
using model::none;
using model::Part;
using model::State;
using model::Step;
using model::Target;

void boot(const model::Component& component, Part& part, Index v) {
  const bool two_slots = model::has_two_slots(component.kind);
  if (two_slots) {
    part.fallback = part.active;
    part.staged = none;
    part.trial = true;
  }
  part.active = v;
  const release::Data& data = component.versions[at(v)].data;
  if (data.at_boot && data.writes) part.epoch = *data.writes;
}

void finalise(const model::Component& component, Part& part) {
  const model::Record& record = component.versions[at(part.active)];
  part.fallback = none;
  part.counter = std::max(part.counter, record.security_counter);
  part.epoch = record.data.writes.value_or(part.epoch);
}

void apply(const model::Catalogue& catalogue, Act act, const Target& t, State& state) {
  const model::Component& component = catalogue.components[at(t.component)];
  Part& part = state.parts[at(t.component)];
  switch (act) {
    case Act::stage:
      part.fallback = none;
      part.staged = t.version;
      return;
    case Act::activate: return boot(component, part, t.version);
    case Act::confirm:
      part.trial = false;
      if (component.kind == model::Kind::ab_trial) part.fallback = none;
      return;
    case Act::finalise: return finalise(component, part);
    case Act::publish:
      part.alive.insert(std::lower_bound(part.alive.begin(), part.alive.end(), t.version), t.version);
      return;
    case Act::retire: std::erase(part.alive, t.version); return;
    case Act::roll: part.alive = {t.version}; return;
  }
}

// One A/B component's part of an activation: perhaps stage, then boot.
struct Update {
  std::vector<Leg> legs;
  Index component = none;
  Index version = none;
  bool stages = false;
};

class Writer {
 public:
  Writer(const model::Catalogue& catalogue, const std::vector<Leg>& legs, model::Plan& plan)
      : catalogue_(catalogue), legs_(legs), plan_(plan), state_(plan.start) {}

  void run() {
    for (std::size_t next = 0; next < legs_.size();) {
      std::vector<Update> together;
      while (const auto update = update_at(next)) {
        if (!may_join(together, *update)) break;
        together.push_back(*update);
        next += update->legs.size();
      }
      if (together.empty()) {
        plain(legs_[next++]);
      } else {
        activate(together);
      }
    }
  }

 private:
  void step(Act act, std::vector<Target> targets) {
    for (const Target& t : targets) apply(catalogue_, act, t, state_);
    plan_.steps.push_back({act, std::move(targets)});
    plan_.after.push_back(state_);
  }

  std::optional<Update> update_at(std::size_t next) const {
    if (next >= legs_.size()) return std::nullopt;
    const Leg& leg = legs_[next];
    const auto component = static_cast<Index>(leg.net->component);
    if (leg.edge->move == Move::replace) return Update{{leg}, component, leg.edge->version, true};
    if (leg.edge->move == Move::boot) return Update{{leg}, component, leg.edge->version, false};
    if (leg.edge->move != Move::stage || next + 1 >= legs_.size()) return std::nullopt;
    const Leg& then = legs_[next + 1];
    if (then.net != leg.net || then.edge->move != Move::boot) return std::nullopt;
    return Update{{leg, then}, component, leg.edge->version, true};
  }

  // In one activation every component may revert on its own, so each must fit each other in all its moments. What is
  // not updated in it stays where it was when each update alone was found to fit.
  static bool may_join(const std::vector<Update>& together, const Update& update) {
    for (const Update& other : together) {
      if (other.component == update.component) return false;
      for (const Leg& a : other.legs) {
        for (const Leg& b : update.legs) {
          if (!fit(a.net->prints[a.edge->print], a.net->component, b.net->prints[b.edge->print], b.net->component)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  void activate(const std::vector<Update>& together) {
    std::vector<Target> targets;
    for (const Update& u : together) {
      targets.push_back({u.component, u.version});
      if (u.stages) step(Act::stage, {targets.back()});
    }
    std::sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) { return a.component < b.component; });
    step(Act::activate, targets);
    step(Act::confirm, targets);
  }

  void plain(const Leg& leg) {
    const Target target{static_cast<Index>(leg.net->component), leg.edge->version};
    const Part& to = leg.net->nodes[leg.edge->to];
    switch (leg.edge->move) {
      case Move::replace:
      case Move::boot: return;  // written by activate()
      case Move::stage: return step(Act::stage, {target});
      case Move::confirm: return step(Act::confirm, {target});
      case Move::write: return step(Act::activate, {target});
      case Move::finalise: return step(Act::finalise, {target});
      case Move::roll: return step(Act::roll, {target});
      case Move::publish: step(Act::publish, {target}); break;
      case Move::retire: break;
    }
    for (const Index v : std::vector<Index>(state_.parts[leg.net->component].alive)) {
      if (std::find(to.alive.begin(), to.alive.end(), v) == to.alive.end()) step(Act::retire, {{target.component, v}});
    }
  }

  const model::Catalogue& catalogue_;
  const std::vector<Leg>& legs_;
  model::Plan& plan_;
  State state_;
};

}  // namespace

void write_out(const model::Catalogue& catalogue, const std::vector<Leg>& legs, model::Plan& plan) {
  Writer(catalogue, legs, plan).run();
}

void finalise_all(const model::Catalogue& catalogue, model::Plan& plan) {
  State state = plan.after.empty() ? plan.start : plan.after.back();
  for (std::size_t i = 0; i < state.parts.size(); ++i) {
    const model::Component& component = catalogue.components[i];
    Part& part = state.parts[i];
    if (plan.goal.versions[i] == none || !model::on_device(component.kind)) continue;
    if (part.active < 0 || part.trial || part.staged != none) continue;
    const model::Record& record = component.versions[at(part.active)];
    Part to = part;
    finalise(component, to);
    const bool moves = to.counter != part.counter || to.epoch != part.epoch;
    if (!moves && !(record.one_way && part != plan.start.parts[i])) continue;
    if (!record.data.reads(to.epoch)) continue;
    part = to;
    plan.steps.push_back({Act::finalise, {{static_cast<Index>(i), part.active}}});
    plan.after.push_back(state);
  }
}

model::Cost cost_of(const model::Catalogue& catalogue, const model::Plan& plan) {
  model::Cost out;
  for (const Step& s : plan.steps) {
    for (const Target& t : s.targets) {
      const model::Component& component = catalogue.components[at(t.component)];
      const bool writes = s.act == Act::stage || (s.act == Act::activate && component.kind == model::Kind::single);
      if (s.act == Act::finalise) ++out.irreversible;
      if (s.act == Act::activate) out.reboots += component.reboots;
      if (s.act == Act::publish || s.act == Act::roll) ++out.publications;
      if (writes) out.bytes += component.versions[at(t.version)].bytes;
    }
  }
  return out;
}

}  // namespace lockstep::plan
