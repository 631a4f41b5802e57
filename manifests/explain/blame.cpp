#include "manifests/explain/blame.hpp"

#include <algorithm>
#include <set>

#include "manifests/check/check.hpp"
#include "manifests/model/passage.hpp"

namespace lockstep::explain {
namespace {

using namespace model;
using check::Rule;
using check::Violation;

class Blame {
 public:
  explicit Blame(const Problem& problem) : problem_(problem), catalogue_(*problem.catalogue) {}

  std::vector<Constraint> run(const std::vector<Step>& steps) {
    look(problem_.start, {});
    State now = problem_.start;
    for (const Step& step : steps) {
      const auto passage = take_step(catalogue_, now, step);
      if (!passage) break;
      for (const Target& t : step.targets) rules_of_the_step(now, step.act, t);
      look(now, passage->written);
      for (const State& moment : passage->moments) look(moment, passage->written);
      now = passage->moments.back();
    }
    return {found_.begin(), found_.end()};
  }

 private:
  void add(What what, Index i, Index v = none, std::size_t n = 0) { found_.insert(constraint(problem_, what, i, v, n)); }

  void rules_of_the_step(const State& before, Act act, const Target& t) {
    const bool goes_there = act != Act::confirm && act != Act::finalise && act != Act::retire;
    for (std::size_t n = 0; goes_there && n < problem_.bans.size(); ++n) {
      const Ban& ban = problem_.bans[n];
      if (Target{ban.component, ban.version} == t) add(What::ban, ban.component, ban.version, n);
    }
    for (std::size_t n = 0; n < problem_.stuck.size(); ++n) {
      const Target& stuck = problem_.stuck[n];
      const bool leaves = act == Act::retire ? stuck == t : act == Act::roll && stuck.component == t.component && stuck != t;
      if (leaves) add(What::stuck, stuck.component, stuck.version, n);
    }
    const bool single = catalogue_.components[static_cast<std::size_t>(t.component)].kind == Kind::single;
    const bool writes = act == Act::stage || (act == Act::activate && single);
    if (writes && !comes_directly(catalogue_, before, t)) add(What::from, t.component, t.version);
  }

  void look(const State& state, const Target& written) {
    for (const Violation& v : check::check_state(catalogue_, problem_.board, state, written)) {
      rule(v);
      for (const Target& t : v.reverted) late(t.component);
      // A fallback's rules bind only as long as it is kept.
      const Index who = v.who.component;
      if (who != none && state.parts[static_cast<std::size_t>(who)].fallback == v.who.version) late(who);
    }
  }

  void late(Index i) {
    if (catalogue_.components[static_cast<std::size_t>(i)].kind == Kind::ab_late) add(What::late, i);
  }

  void rule(const Violation& v) {
    switch (v.rule) {
      case Rule::hardware: return add(What::hardware, v.who.component, v.who.version);
      case Rule::counter: return add(What::counter, v.who.component);
      case Rule::data: return add(What::data, v.who.component, v.who.version);
      case Rule::need:
      case Rule::way: return need(v);
      case Rule::shape:
      case Rule::step:
      case Rule::effect:
      case Rule::goal: return;
    }
  }

  void need(const Violation& v) {
    if (v.detail.empty()) return add(What::via, v.who.component);
    const std::vector<Need>& needs = catalogue_.record(v.who.component, v.who.version).needs;
    for (std::size_t n = 0; n < needs.size(); ++n) {
      const bool flash = needs[n].when == When::during_flash;
      if (needs[n].component == v.other.component && flash == (v.rule == Rule::way) && needs[n].range.text() == v.detail) {
        add(What::need, v.who.component, v.who.version, n);
      }
    }
  }

  const Problem& problem_;
  const Catalogue& catalogue_;
  std::set<Constraint> found_;
};

}  // namespace

std::vector<Constraint> broken_by(const Problem& problem, const std::vector<Step>& steps) { return Blame(problem).run(steps); }

}  // namespace lockstep::explain
