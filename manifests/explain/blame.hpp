// Which constraints of a problem some steps break: how the search for causes finds the few that matter among hundreds.
#pragma once

#include <vector>

#include "manifests/explain/constraint.hpp"

namespace lockstep::explain {

// `steps` are of a plan for a relaxed copy of the problem. Ascending. May name a few that others break already; when
// the steps are a plan for the problem itself, it is empty.
std::vector<Constraint> broken_by(const model::Problem& problem, const std::vector<model::Step>& steps);

}  // namespace lockstep::explain
