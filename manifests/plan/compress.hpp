// Leaves out versions that cannot make a plan better.
//
// Version u stands in for v when, put in v's place in any good plan, the plan stays good and costs no more: whoever
// could become v can become u, u can become what v could become, u asks no more of others, others ask no more of u, and
// u is not larger (when bytes count). Equal versions are the common case (a release that changed no requirement), but
// one-sided ones matter more: with requirements "peer at least x", a new release that asks for nothing new stands in for
// all older ones with the same requirements. Counter and stored data must be the same where they can make a difference.
// Versions of the start and the goal stay.
#pragma once

#include <vector>

#include "manifests/plan/net.hpp"

namespace lockstep::plan {

// The versions that are worth looking at, one set per component.
// Complexity: rounds (at most 3) x versions^2 x components, over words of 64 versions.
std::vector<Views> worth_keeping(const Grounding& grounding);

}  // namespace lockstep::plan
