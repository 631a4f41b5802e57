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
  std::size_t step = 0;             // of the plan, from 1
  Kind kind = Kind::refusal;
  model::Target gone;               // revert: the component and what it went away from; cut, half: what was being written
  model::State state;               // where one is then: a good state
  std::vector<model::Step> again;   // what to do: from `state` these lead on, to the plan's state after the step, but
                                    // that the slots may keep what they need not
  bool replan = false;              // nothing of the sort is possible: ask for a new plan from `state`
};

// For each step, in order. Reverts are those of the state that the step leaves, each component alone; when several go
// back, each is brought back alone. `plan` is one that check() takes.
std::vector<Fault> what_if_it_fails(const model::Catalogue& catalogue, const model::Plan& plan);

// "step 2 (activate app 2.0.0): if app goes back, it runs 1.0.0 again; stage app 2.0.0, activate app 2.0.0"
std::string text(const model::Catalogue& catalogue, const model::Plan& plan, const Fault& fault);

}  // namespace lockstep::explain
