// Spoils plans, as a planner with a defect, a bad disk or an attacker would.
#pragma once

#include "manifests/model/state.hpp"
#include "manifests/oracle/random.hpp"

namespace lockstep::oracle {

// The plan with one to three changes: steps dropped, doubled, swapped, invented, merged or split; other versions,
// components and acts; another start, goal, board or state; a component taken away; wrong sizes and wild numbers. Mostly the states are what the
// changed steps lead to, so that only their safety can give the change away.
model::Plan mutate(Random& random, const model::Catalogue& catalogue, model::Plan plan);

// Any state that has a meaning; good or bad. `lacks`: how often a component is not on the device.
model::State any_state(Random& random, const model::Catalogue& catalogue, double lacks = 0);

}  // namespace lockstep::oracle
