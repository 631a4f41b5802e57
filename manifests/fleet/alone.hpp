// One device of a fleet, as if no other were there: the question for its own plan, why there is no way for it, and what it
// finds when it sleeps now and wakes later.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "manifests/fleet/fleet.hpp"
#include "manifests/fleet/walk.hpp"
#include "manifests/plan/plan.hpp"

namespace lockstep::fleet {

inline constexpr std::string_view not_known = "not known whether there is a way: the search was cut short";

// Borrows the fleet's catalogue. `alive`: the software beside it.
model::Problem alone(const Fleet& fleet, const Device& device, const Alive& alive);

// Why the planner's answer to the problem is none or gave_up. Errors: those of explain::why_impossible.
Outcome<std::string> why_no_way(const model::Problem& problem, plan::Verdict verdict);

// Of a device that sleeps through the stages: asleep, with its plan from the world after the last of them; or blocked, when
// there is none. Errors: those of plan::make_plan and explain::why_impossible.
Outcome<Left> when_it_wakes(const plan::Relations& relations, const Fleet& fleet, const std::vector<Stage>& stages,
                            std::size_t device, const plan::Limits& limits);

}  // namespace lockstep::fleet
