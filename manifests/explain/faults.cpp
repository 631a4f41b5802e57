#include "manifests/explain/faults.hpp"

#include <algorithm>

#include "manifests/check/check.hpp"
#include "manifests/model/passage.hpp"

namespace lockstep::explain {
namespace {

using namespace model;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

class Faults {
 public:
  Faults(const Problem& problem, const Plan& plan) : catalogue_(*problem.catalogue), bans_(problem.bans), plan_(plan) {}

  std::vector<Fault> run() {
    const State* before = &plan_.start;
    if (!plan_.steps.empty()) reverts(0, plan_.start);
    for (std::size_t n = 0; n < plan_.steps.size(); ++n) {
      const Step& step = plan_.steps[n];
      add({.step = n + 1, .kind = Fault::Kind::refusal, .gone = {}, .state = *before, .again = {step}});
      if (const auto passage = take_step(catalogue_, *before, step)) {
        for (auto moment = passage->moments.begin(); moment + 1 != passage->moments.end(); ++moment) middle(n + 1, step, *moment);
      }
      reverts(n + 1, plan_.after[n]);
      before = &plan_.after[n];
    }
    return std::move(out_);
  }

 private:
  void add(Fault fault) {
    fault.replan = !good(fault.state, fault.again);
    if (fault.replan) fault.again.clear();
    out_.push_back(std::move(fault));
  }

  void middle(std::size_t n, const Step& step, const State& moment) {
    const Target& t = step.targets[0];
    // Software has no active version either, and is never torn.
    const bool is_torn = on_device(catalogue_.components[at(t.component)].kind) && moment.parts[at(t.component)].active == torn;
    // Data that have not moved yet move when the device boots again: nothing failed that anybody would see.
    if (step.act == Act::activate && !is_torn) return;
    add({.step = n, .kind = is_torn ? Fault::Kind::cut : Fault::Kind::half, .gone = t, .state = moment, .again = {step}});
  }

  void reverts(std::size_t n, const State& after) {
    for (Index i = 0; i < std::ssize(after.parts); ++i) {
      if (!may_revert(catalogue_, after, i)) continue;
      const Part& p = after.parts[at(i)];
      const Target gone{i, p.active};
      Fault fault{.step = n, .kind = Fault::Kind::revert, .gone = gone, .state = after, .again = {}};
      revert(fault.state.parts[at(i)]);
      fault.again = {{Act::stage, {gone}}, {Act::activate, {gone}}};
      if (!p.trial) fault.again.push_back({Act::confirm, {gone}});
      // Nobody has the file of a version that no release describes.
      if (catalogue_.record(i, p.active).bare || is_banned(gone)) fault.again.clear();
      add(std::move(fault));
    }
  }

  bool is_banned(const Target& t) const {
    return std::any_of(bans_.begin(), bans_.end(), [&](const Ban& ban) { return ban.component == t.component && ban.version == t.version; });
  }

  // Whether these steps can be done there, and every moment of them is good.
  bool good(const State& from, const std::vector<Step>& steps) const {
    Goal anything;
    anything.versions.assign(from.parts.size(), none);
    const Plan there{.board = plan_.board, .start = from, .goal = anything, .steps = {}, .after = {}};
    const auto again = with_steps(catalogue_, there, steps);
    return again && !steps.empty() && check::check(catalogue_, *again);
  }

  const Catalogue& catalogue_;
  const std::vector<Ban>& bans_;
  const Plan& plan_;
  std::vector<Fault> out_;
};

std::string seen(const Catalogue& catalogue, const Fault& f) {
  if (f.kind == Fault::Kind::refusal) return "if it is refused, everything stays as it was";
  const std::string label = catalogue.components[at(f.gone.component)].label();
  const Part& part = f.state.parts[at(f.gone.component)];
  const auto runs = [&] { return catalogue.name(f.gone.component, part.active); };
  switch (f.kind) {
    case Fault::Kind::refusal: break;
    case Fault::Kind::cut: return fmt::format("if the power goes meanwhile, {} has nothing that runs", label);
    case Fault::Kind::half:
      if (part.alive.empty()) return fmt::format("if it ends halfway, {} runs on, without a fallback", runs());
      return fmt::format("if it ends halfway, old and new {} run beside each other", label);
    case Fault::Kind::revert: return fmt::format("if {} goes back, {} runs again", label, runs());
  }
  return {};
}

std::string what_to_do(const Catalogue& catalogue, const Fault& fault) {
  if (fault.replan) return "ask for a new plan from there";
  if (fault.kind != Fault::Kind::revert) return "do the step again";
  Lines again;
  for (const Step& step : fault.again) again.push_back(text(catalogue, step));
  return "then " + listed(again);
}

}  // namespace

std::vector<Fault> what_if_it_fails(const Problem& problem, const Plan& plan) { return Faults(problem, plan).run(); }

std::string text(const Catalogue& catalogue, const Plan& plan, const Fault& fault) {
  const std::string when = fault.step == 0 ? "before step 1" : fmt::format("step {} ({})", fault.step, text(catalogue, plan.steps[fault.step - 1]));
  return fmt::format("{}: {}; {}", when, seen(catalogue, fault), what_to_do(catalogue, fault));
}

}  // namespace lockstep::explain
