#include "manifests/explain/mend.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "manifests/check/check.hpp"
#include "manifests/model/passage.hpp"

namespace lockstep::explain {
namespace {

using namespace model;
using check::Violation;

constexpr std::size_t most_mends = 3;

class Search {
 public:
  explicit Search(const Problem& problem)
      : problem_(problem), catalogue_(*problem.catalogue), broken_(broken(problem.start)) {}

  std::vector<Mend> run() {
    if (broken_.empty() || broken_[0].rule == check::Rule::shape) return {};
    // What mends everything mends the first one, so it changes one of the two that this is about.
    add_changes_of(broken_[0].who.component);
    if (broken_[0].other.component != none) add_changes_of(broken_[0].other.component);
    return std::move(out_);
  }

 private:
  const Part& part(Index i) const { return problem_.start.parts[static_cast<std::size_t>(i)]; }

  void add_changes_of(Index i) {
    const Component& c = catalogue_.components[static_cast<std::size_t>(i)];
    const Part& p = part(i);
    if (on_device(c.kind) && p.active == none) return;
    if (p.trial) add({step(Act::confirm, {i, p.active})});
    for (const Index v : p.alive) add({step(Act::retire, {i, v})});
    const Index wanted = problem_.goal.versions[static_cast<std::size_t>(i)];
    if (wanted != none) add_way_to(c.kind, {i, wanted});
    for (Index v = static_cast<Index>(std::ssize(c.versions)) - 1; v >= 0; --v) {
      if (v != wanted) add_way_to(c.kind, {i, v});
    }
    if (p.active >= 0) add({step(Act::finalise, {i, p.active})});
  }

  void add_way_to(Kind kind, const Target& t) {
    if (catalogue_.record(t.component, t.version).bare || is_banned(t) || !could_boot(kind, t)) return;
    Mend mend;
    switch (kind) {
      case Kind::ab_trial:
      case Kind::ab_late:
        mend = {step(Act::stage, t), step(Act::activate, t), step(Act::confirm, t)};
        if (kind == Kind::ab_late) mend.push_back(step(Act::finalise, t));
        break;
      case Kind::single: mend = {step(Act::activate, t)}; break;
      case Kind::service: mend = {step(Act::roll, t)}; break;
      case Kind::app: mend = only_version(t); break;
    }
    add(std::move(mend));
  }

  // As far as hardware and counter go: what is staged is not looked at for these once it is there.
  bool could_boot(Kind kind, const Target& t) const {
    const Record& r = catalogue_.record(t.component, t.version);
    if (!on_device(kind)) return true;
    return runs_on(r, problem_.board) && r.security_counter >= part(t.component).counter;
  }

  Mend only_version(const Target& t) const {
    Mend out;
    const std::vector<Index>& alive = part(t.component).alive;
    if (std::find(alive.begin(), alive.end(), t.version) == alive.end()) out.push_back(step(Act::publish, t));
    for (const Index v : alive) {
      if (v != t.version) out.push_back(step(Act::retire, {t.component, v}));
    }
    return out;
  }

  static Step step(Act act, const Target& t) { return {act, {t}}; }

  // The part of `mend` that is enough, when it is one.
  void add(Mend mend) {
    if (out_.size() == most_mends) return;
    State now = problem_.start;
    for (std::size_t n = 0; n < mend.size(); ++n) {
      if (!take(mend[n], now)) return;
      if (now.parts[static_cast<std::size_t>(mend[n].targets[0].component)].trial || !broken(now).empty()) continue;
      mend.resize(n + 1);
      if (std::find(out_.begin(), out_.end(), mend) == out_.end()) out_.push_back(std::move(mend));
      return;
    }
  }

  // Takes the step; false when that cannot be, or breaks more.
  bool take(const Step& step, State& now) const {
    const bool writes = step.act == Act::stage || step.act == Act::activate;
    if (leaves_stuck(step) || (writes && !comes_directly(catalogue_, now, step.targets[0]))) return false;
    auto passage = take_step(catalogue_, now, step);
    if (!passage) return false;
    passage->moments.insert(passage->moments.begin(), std::move(now));
    for (const State& moment : passage->moments) {
      if (!breaks_nothing_more(moment, passage->written)) return false;
    }
    now = std::move(passage->moments.back());
    return true;
  }

  std::vector<Violation> broken(const State& state, const Target& written = {}) const {
    return check::check_state(catalogue_, problem_.board, state, written);
  }

  bool breaks_nothing_more(const State& state, const Target& written) const {
    const std::vector<Violation> found = broken(state, written);
    return std::all_of(found.begin(), found.end(), [&](const Violation& f) {
      return std::any_of(broken_.begin(), broken_.end(), [&](const Violation& b) {
        return b.rule == f.rule && b.who == f.who && b.other == f.other && b.at == f.at;
      });
    });
  }

  bool is_banned(const Target& t) const {
    return std::any_of(problem_.bans.begin(), problem_.bans.end(),
                       [&](const Ban& b) { return b.component == t.component && b.version == t.version; });
  }
  bool leaves_stuck(const Step& step) const {
    return std::any_of(problem_.stuck.begin(), problem_.stuck.end(), [&](const Target& t) {
      if (t.component != step.targets[0].component) return false;
      return step.act == Act::retire ? t == step.targets[0] : step.act == Act::roll && t != step.targets[0];
    });
  }

  const Problem& problem_;
  const Catalogue& catalogue_;
  const std::vector<Violation> broken_;
  std::vector<Mend> out_;
};

}  // namespace

std::vector<Mend> mends(const Problem& problem) { return Search(problem).run(); }

std::string text(const Problem& problem, std::span<const Mend> mends) {
  if (mends.empty()) return "no change of one component mends it: change by hand what is named here, and ask again";
  std::string ways;
  for (const Mend& mend : mends) {
    ways += ways.empty() ? "" : "; or ";
    for (const Step& step : mend) ways += (&step == &mend.front() ? "" : ", ") + text(*problem.catalogue, step);
  }
  return "a plan may not begin so, but this mends it and breaks nothing more meanwhile; do it by hand, and ask again: " + ways;
}

}  // namespace lockstep::explain
