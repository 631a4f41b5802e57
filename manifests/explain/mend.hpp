// What would mend a start that is not safe and live.
//
// No plan does it: a plan's every state is safe, the first one too (manifests/model/state.hpp). So this is advice to people,
// with as much as can be said for it: nothing breaks that was not broken, and in the end nothing is.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::explain {

// A change of one component: its steps, in order. "stage app 2.0.0, activate app 2.0.0, confirm app 2.0.0"
using Mend = std::vector<model::Step>;

// Changes that end in a safe and live state. Each step of them can be done where it is, and before, during and after it no
// rule is broken, also after reverts and cuts, that the start does not break; what a problem bans or calls stuck is kept to.
// The wanted version first, then the newest; three at most; with finalise only where it does not do without. Empty: the start
// is safe, or no change of one component mends it.
std::vector<Mend> mends(const model::Problem& problem);

// What to do about it, in one sentence. Only for a start that is not safe.
std::string text(const model::Problem& problem, std::span<const Mend> mends);

}  // namespace lockstep::explain
