// Why a plan stops at versions that nobody asked for.
#pragma once

#include <optional>
#include <vector>

#include "manifests/explain/impossible.hpp"

namespace lockstep::explain {

struct Stop {
  enum class How {
    needed,       // without it there is no plan: `causes` say why
    dearer,       // without it there is one that costs more
    as_good,      // without it there is one of the same cost
    unknown,      // the planner gave up
  };
  std::size_t step = 0;        // of the plan, from 1: where this version is activated, published or rolled out
  model::Target version;
  How how = How::unknown;
  std::vector<Cause> causes;   // what leaves no way when it is not there
  model::Cost cost;            // dearer: without it, and
  model::Plan plan;            // dearer, as_good: how
};

// For each activation, publication and roll of a version that is neither there at the start nor the goal: found by
// forbidding it and asking again. `plan` is one for the problem, `cost` what it costs.
// Errors: those of plan::make_plan.
Outcome<std::vector<Stop>> why_stops(const model::Problem& problem, const model::Plan& plan, const model::Cost& cost,
                                     const Effort& effort = {});

// `cost`: of the plan.
Lines text(const model::Problem& problem, const model::Cost& cost, const Stop& stop);

}  // namespace lockstep::explain
