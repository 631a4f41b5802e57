// The version numbers that a bridge could have. Private to this folder.
#pragma once

#include <vector>

#include "manifests/explain/bridge.hpp"

namespace lockstep::explain {

// New versions of a component, without promises, no two of which others take for the same. One whose number is in all
// ranges that another's is in, and in more, stands in for it.
std::vector<Bridge> candidates(const model::Problem& problem, Index component);

}  // namespace lockstep::explain
