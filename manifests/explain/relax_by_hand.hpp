// For tests: takes rules out of a problem by editing its catalogue, and asks the search of every state. It shares nothing
// with explain/relax.cpp and the planner, so that what is said about causes is not judged by what found them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <span>

#include "manifests/explain/constraint.hpp"
#include "manifests/oracle/search.hpp"
#include "manifests/oracle/world.hpp"
#include "manifests/plan/plan.hpp"

namespace lockstep::explain::by_hand {

struct Edited {
  model::Catalogue catalogue;
  model::Problem problem;
};

// `keeps(what, component, version, number)` says which rules stay. From back to front, so that numbers stay what they were.
template <class Keeps>
bool has_plan(const model::Problem& problem, Keeps keeps) {
  Edited e{*problem.catalogue, problem};
  for (std::size_t i = 0; i < e.catalogue.components.size(); ++i) {
    model::Component& c = e.catalogue.components[i];
    model::Part& start = e.problem.start.parts[i];
    const Index who = static_cast<Index>(i);
    if (!keeps(What::via, who, model::none, 0)) c.via = model::none;
    if (c.kind == model::Kind::ab_late && !keeps(What::late, who, model::none, 0)) {
      c.kind = model::Kind::ab_trial;  // goes back only while on trial
      if (!start.trial) start.fallback = model::none;
    }
    const bool counts = keeps(What::counter, who, model::none, 0);
    if (!counts) start.counter = 0;
    for (std::size_t v = 0; v < c.versions.size(); ++v) {
      model::Record& r = c.versions[v];
      const Index version = static_cast<Index>(v);
      if (!counts) r.security_counter = 0;
      if (!keeps(What::from, who, version, 0)) r.from.reset();
      if (!keeps(What::data, who, version, 0)) r.data.reads_lowest = 0, r.data.reads_highest = 0xffff'ffff;
      if (!keeps(What::hardware, who, version, 0)) r.hardware = {{.board = problem.board.board, .revisions = *version::Range::parse("*")}};
      for (std::size_t n = r.needs.size(); n-- > 0;) {
        if (!keeps(What::need, who, version, n)) r.needs.erase(r.needs.begin() + static_cast<std::ptrdiff_t>(n));
      }
    }
  }
  for (std::size_t n = problem.bans.size(); n-- > 0;) {
    const model::Ban& ban = problem.bans[n];
    if (!keeps(What::ban, ban.component, ban.version, n)) e.problem.bans.erase(e.problem.bans.begin() + static_cast<std::ptrdiff_t>(n));
  }
  for (std::size_t n = problem.stuck.size(); n-- > 0;) {
    const model::Target& stuck = problem.stuck[n];
    if (!keeps(What::stuck, stuck.component, stuck.version, n)) e.problem.stuck.erase(e.problem.stuck.begin() + static_cast<std::ptrdiff_t>(n));
  }
  e.problem.catalogue = &e.catalogue;
  // The oracle knows no components that a device does not have: then the planner is asked.
  if (oracle::World(e.catalogue, e.problem.board).read(e.problem.start)) return oracle::solve(e.problem).has_value();
  const auto answer = plan::make_plan(e.problem);
  REQUIRE(answer);
  return answer->verdict == plan::Verdict::found;
}

inline bool is(const Constraint& c, What what, Index component, Index version, std::size_t number) {
  return c.what == what && c.component == component && c.version == version && c.number == number;
}

// Whether there is a plan when nothing binds but these.
inline bool has_plan_with_only(const model::Problem& problem, std::span<const Constraint> kept) {
  return has_plan(problem, [&](auto... rule) { return std::any_of(kept.begin(), kept.end(), [&](const Constraint& c) { return is(c, rule...); }); });
}

// Whether there is one when everything binds but this.
inline bool has_plan_without(const model::Problem& problem, const Constraint& dropped) {
  return has_plan(problem, [&](auto... rule) { return !is(dropped, rule...); });
}

}  // namespace lockstep::explain::by_hand
