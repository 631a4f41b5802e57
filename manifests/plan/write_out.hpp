// From moves to the steps that people and devices see.
#pragma once

#include <vector>

#include "manifests/plan/net.hpp"

namespace lockstep::plan {

// One move of the way that was found.
struct Leg {
  const Net* net = nullptr;
  const Edge* edge = nullptr;
};

// Fills plan.steps and plan.after. Neighbouring updates of A/B components become one activation of several, fewer
// resets, where all of them may meet in any mixture; what was staged stays in its order.
void write_out(const model::Catalogue& catalogue, const std::vector<Leg>& legs, model::Plan& plan);

// Adds finalise steps for the components with a goal whose counter or epoch has to move, or whose version is one_way
// and came with this plan: irreversible acts come last. What cannot be finalised (something is staged; the version does
// not read what it writes) is left out.
void finalise_all(const model::Catalogue& catalogue, model::Plan& plan);

model::Cost cost_of(const model::Catalogue& catalogue, const model::Plan& plan);

}  // namespace lockstep::plan
