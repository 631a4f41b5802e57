// How near to the goal one can come today.
#pragma once

#include <vector>

#include "manifests/explain/impossible.hpp"

namespace lockstep::explain {

struct Nearest {
  bool known = true;             // false: the planner gave up on the way, so that there may be a nearer one
  model::Plan plan;              // whose goal is the nearest
  model::Cost cost;
  std::vector<Index> missed;     // components that do not get what was asked for; they get plan.goal's version, or none
};

// The most components that get their goal (of several such sets the first one), and for each of the others the newest
// version before its goal that is still possible with them. Nothing when not even waiting is good.
// Errors: those of plan::make_plan.
Outcome<std::optional<Nearest>> nearest(const model::Problem& problem, const Effort& effort = {});

Lines text(const model::Problem& problem, const Nearest& nearest);

}  // namespace lockstep::explain
