// What a bridge has to say so that plans go over it. Private to this folder.
#pragma once

#include <span>
#include <vector>

#include "manifests/explain/bridge.hpp"

namespace lockstep::explain {

// The candidate with the problems out of `stuck` that it frees when it asks for nothing, and with the promises that the
// planner's ways over it need.
Outcome<Bridge> promising(std::span<const model::Problem> problems, const std::vector<std::size_t>& stuck, const Bridge& candidate,
                          const Effort& effort);

// Takes versions away from its promises, as long as it frees the same problems.
Outcome<> narrow(std::span<const model::Problem> problems, Bridge& bridge, const Effort& effort);

}  // namespace lockstep::explain
