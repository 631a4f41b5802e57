// What happens if a step of a plan fails: where each fault leads, and what brings one back on the way.
#pragma once

#include <vector>

#include "manifests/explain/lines.hpp"
#include "manifests/model/state.hpp"

namespace lockstep::explain {

struct Fault {
  enum class Kind {
    refusal,  // the step does not happen
    cut,      // the power goes while a component that has one slot is written: it is torn
    revert,   // one component goes back by itself
    half,     // the step ends in its middle: a slot half written, an old and a new service beside each other
  };
  std::size_t step = 0;             // of the plan, from 1; 0: a revert before the first of them
  Kind kind = Kind::refusal;
  model::Target gone;               // revert: the component and what it went away from; cut, half: what was being written
  model::State state;               // where one is then: a good state
  std::vector<model::Step> again;   // what to do: from `state` these lead on, to the plan's state after the step, but
                                    // that the slots may keep what they need not
  bool replan = false;              // nothing of the sort is possible: ask for a new plan from `state`
};

// Of a plan that check() takes, in the order of its steps, and of each step:
//   - that it does not happen;
//   - each state in its middle in which it can end; but an activation that has booted is done when the data have moved, too;
//   - for each component that can go back in the state that the step leaves: that this one does.
// First of all the same reverts of the start, when there are steps. Combinations are not listed: of reverts, where each
// component is brought back as it is alone, one after the other; and of a revert with another fault in the middle of a step.
// `again` brings no banned version back.
std::vector<Fault> what_if_it_fails(const model::Problem& problem, const model::Plan& plan);

// "step 2 (activate app 2.0.0): if app goes back, app 1.0.0 runs again; then stage app 2.0.0 and activate app 2.0.0"
// "before step 1: if rootfs goes back, ..."
std::string text(const model::Catalogue& catalogue, const model::Plan& plan, const Fault& fault);

}  // namespace lockstep::explain
