#include "manifests/oracle/mutate.hpp"

#include <algorithm>
#include <limits>

#include "manifests/oracle/world.hpp"

namespace lockstep::oracle {
namespace {

using model::Act;
using model::Index;
using model::Part;
using model::Plan;
using model::Step;
using model::Target;
using model::on_device;

class Mutator {
 public:
  Mutator(Random& random, const model::Catalogue& catalogue, Plan plan)
      : random_(random), catalogue_(catalogue), plan_(std::move(plan)) {}

  Plan run() {
    for (int changes = random_.between(1, 3); changes > 0; --changes) {
      switch (random_.below(15)) {
        case 0: drop(); break;
        case 1: repeat(); break;
        case 2:
        case 3: swap(); break;
        case 4: invent(); break;
        case 5:
        case 6: merge(); break;
        case 7: split(); break;
        case 8: retarget(); break;
        case 9: react(); break;
        case 10: change(plan_.start); break;
        case 11: regoal(); break;
        case 12: plan_.start = any_state(random_, catalogue_, 0.1); break;
        case 13: take_away(); break;
        default: plan_.board.revision.major = static_cast<std::uint64_t>(random_.between(0, 3)); break;
      }
    }
    const bool honest = random_.chance(0.8);
    if (honest) follow();
    if (honest && random_.chance(0.3)) appear();
    if (!honest || random_.chance(0.1)) lie();
    return std::move(plan_);
  }

 private:
  int step() { return random_.below(plan_.steps.size()); }
  Step& at(int n) { return plan_.steps[static_cast<std::size_t>(n)]; }
  Target any_target() {
    const Index c = random_.below(catalogue_.components.size());
    return {c, random_.below(catalogue_.components[static_cast<std::size_t>(c)].versions.size())};
  }
  Index wild() {
    constexpr Index numbers[] = {-3, model::torn, model::none, 7, 31, 64, std::numeric_limits<Index>::max(), std::numeric_limits<Index>::min()};
    return numbers[random_.below(std::size(numbers))];
  }

  void drop() {
    if (!plan_.steps.empty()) plan_.steps.erase(plan_.steps.begin() + step());
  }
  void repeat() {
    if (plan_.steps.empty()) return;
    const Step again = at(step());
    plan_.steps.insert(plan_.steps.begin() + random_.below(plan_.steps.size() + 1), again);
  }
  void swap() {
    if (plan_.steps.size() < 2) return;
    const int first = random_.below(plan_.steps.size() - 1);
    std::swap(at(first), at(random_.chance(0.7) ? first + 1 : step()));
  }
  void invent() {
    Step step{model::acts[random_.below(std::size(model::acts))], {any_target()}};
    plan_.steps.insert(plan_.steps.begin() + random_.below(plan_.steps.size() + 1), std::move(step));
  }
  // A later step of the same act is done together with an earlier one; for activations, what was staged for it first.
  void merge() {
    if (plan_.steps.size() < 2) return;
    const int first = random_.below(plan_.steps.size() - 1);
    for (int n = first + 1; n < std::ssize(plan_.steps); ++n) {
      if (at(n).act != at(first).act) continue;
      at(first).targets.insert(at(first).targets.end(), at(n).targets.begin(), at(n).targets.end());
      plan_.steps.erase(plan_.steps.begin() + n);
      // Bring the stages in between before it.
      std::stable_partition(plan_.steps.begin() + first, plan_.steps.begin() + n, [](const Step& s) { return s.act == Act::stage; });
      return;
    }
  }
  void split() {
    for (int n = 0; n < std::ssize(plan_.steps); ++n) {
      if (at(n).targets.size() < 2) continue;
      const Step rest{at(n).act, {at(n).targets.begin() + 1, at(n).targets.end()}};
      at(n).targets.resize(1);
      plan_.steps.insert(plan_.steps.begin() + n + 1, rest);
      return;
    }
  }
  void retarget() {
    if (plan_.steps.empty()) return;
    std::vector<Target>& targets = at(step()).targets;
    if (targets.empty()) return;
    Target& t = targets[static_cast<std::size_t>(random_.below(targets.size()))];
    switch (random_.below(4)) {
      case 0: t = any_target(); break;
      case 1: targets.push_back(t); break;
      case 2: targets.clear(); break;
      default: {
        // The same version in each step that names it.
        const Target old = t;
        Index other = any_target().version;
        if (random_.chance(0.2)) other = wild();
        for (Step& s : plan_.steps) {
          for (Target& one : s.targets) one = one == old ? Target{old.component, other} : one;
        }
      }
    }
  }
  void react() {
    if (!plan_.steps.empty()) at(step()).act = model::acts[random_.below(std::size(model::acts))];
  }
  void regoal() {
    if (plan_.goal.versions.empty()) return;
    Index& wanted = plan_.goal.versions[static_cast<std::size_t>(random_.below(plan_.goal.versions.size()))];
    wanted = random_.chance(0.2) ? wild() : random_.chance(0.5) ? model::none : any_target().version;
  }
  // A component of the device; or what was not there appears.
  void take_away() {
    if (plan_.start.parts.empty()) return;
    const Index i = any_target().component;
    const auto n = static_cast<std::size_t>(i);
    if (n >= plan_.start.parts.size() || !on_device(catalogue_.components[n].kind)) return;
    Part& p = plan_.start.parts[n];
    p = {.active = p.active == model::none ? 0 : model::none, .alive = {}};
    // Else the goal gives it away.
    if (n < plan_.goal.versions.size() && random_.chance(0.8)) plan_.goal.versions[n] = model::none;
    for (Step& s : plan_.steps) std::erase_if(s.targets, [&](const Target& t) { return t.component == i && random_.chance(0.9); });
    std::erase_if(plan_.steps, [](const Step& s) { return s.targets.empty(); });
  }
  void change(model::State& state) {
    if (state.parts.empty()) return;
    Part& p = state.parts[static_cast<std::size_t>(random_.below(state.parts.size()))];
    const Index other = random_.chance(0.1) ? wild() : random_.between(-1, 5);
    switch (random_.below(9)) {
      case 0: p.active = other; break;
      case 1: p.fallback = other; break;
      case 2: p.staged = other; break;
      case 3: p.trial = !p.trial; break;
      case 4: p.counter = static_cast<std::uint32_t>(random_.below(6)); break;
      case 5: p.epoch = static_cast<std::uint32_t>(random_.below(6)); break;
      case 6:
        if (std::find(p.alive.begin(), p.alive.end(), other) == p.alive.end()) p.alive.insert(std::lower_bound(p.alive.begin(), p.alive.end(), other), other);
        break;
      case 7:
        if (!p.alive.empty()) p.alive.erase(p.alive.begin() + random_.below(p.alive.size()));
        break;
      default:
        if (random_.chance(0.2)) state.parts.pop_back();
        else if (random_.chance(0.2)) p.alive.push_back(other);
        break;
    }
  }
  // States as the steps lead to, where they can be done.
  void follow() {
    const World world(catalogue_, plan_.board);
    plan_.after.clear();
    const auto start = world.read(plan_.start);
    if (!start) return plan_.after.resize(plan_.steps.size(), plan_.start);
    Moment now = *start;
    for (const Step& s : plan_.steps) {
      const Row row = world.moments(now, s);
      if (!row.empty()) now = row.back();
      plan_.after.push_back(world.write(now));
    }
  }
  // As if what the device does not have could be written there: the one step that leaves a state that a device can be in.
  void appear() {
    for (Index i = 0; i < std::ssize(catalogue_.components); ++i) {
      const auto c = static_cast<std::size_t>(i);
      const model::Component& component = catalogue_.components[c];
      const bool single = c < plan_.start.parts.size() && component.kind == model::Kind::single;
      if (!single || plan_.start.parts[c] != Part{.active = model::none, .alive = {}}) continue;
      const Index v = random_.below(component.versions.size());
      const auto n = random_.below(plan_.steps.size() + 1);
      plan_.steps.insert(plan_.steps.begin() + n, Step{Act::activate, {{i, v}}});
      plan_.after.insert(plan_.after.begin() + n, n == 0 ? plan_.start : plan_.after[static_cast<std::size_t>(n) - 1]);
      const release::Data& data = component.versions[static_cast<std::size_t>(v)].data;
      for (auto state = plan_.after.begin() + n; state != plan_.after.end(); ++state) {
        state->parts[c].active = v;
        if (data.at_boot && data.writes) state->parts[c].epoch = *data.writes;
      }
      return;
    }
  }
  void lie() {
    if (plan_.after.empty()) return;
    const auto n = static_cast<std::size_t>(random_.below(plan_.after.size()));
    if (random_.chance(0.1)) plan_.after.pop_back();
    else change(plan_.after[n]);
  }

  Random& random_;
  const model::Catalogue& catalogue_;
  Plan plan_;
};

}  // namespace

Plan mutate(Random& random, const model::Catalogue& catalogue, Plan plan) { return Mutator(random, catalogue, std::move(plan)).run(); }

model::State any_state(Random& random, const model::Catalogue& catalogue, double lacks) {
  model::State out;
  for (const model::Component& c : catalogue.components) {
    Part& p = out.parts.emplace_back();
    const int n = static_cast<int>(c.versions.size());
    if (!on_device(c.kind)) {
      for (Index v = 0; v < n; ++v) {
        if (random.chance(0.4)) p.alive.push_back(v);
      }
      continue;
    }
    if (lacks > 0 && random.chance(lacks)) {
      p.active = model::none;
      continue;
    }
    p.active = random.below(n);
    const model::Record& r = c.versions[static_cast<std::size_t>(p.active)];
    p.counter = random.chance(0.9) ? static_cast<std::uint32_t>(random.below(std::size_t{r.security_counter} + 1)) : 3;
    p.epoch = random.chance(0.9) ? std::min(r.data.reads_lowest, 7u) : static_cast<std::uint32_t>(random.below(6));
    if (c.kind == model::Kind::single) {
      if (random.chance(0.2)) p.active = model::torn;
    } else if (random.chance(0.5)) {
      p.fallback = random.below(n);
      p.trial = random.chance(0.5);
    } else if (random.chance(0.3)) {
      p.staged = random.below(n);
    }
  }
  return out;
}

}  // namespace lockstep::oracle
