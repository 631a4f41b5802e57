// What can no longer be undone after a step.
#pragma once

#include <vector>

#include "manifests/explain/lines.hpp"
#include "manifests/model/state.hpp"

namespace lockstep::explain {

struct Door {
  enum class Why {
    counter,    // the device's security counter rose
    data,       // the stored data moved on, and no version that could run now brings them back
    published,  // people have it: what is in a shop's hands is not taken back
    one_way,    // the maker says so
  };
  std::size_t step = 0;               // of the plan, from 1
  Why why = Why::counter;
  model::Target by;                   // the version that closes it
  std::vector<model::Target> closed;  // versions that could run before and never can again on this device: by `why`
  model::Place at;                    // where `by` is described
};

// In the order of the steps; a step that closes nothing is not in it. `plan` is one that check() takes.
std::vector<Door> what_cannot_be_undone(const model::Catalogue& catalogue, const model::Plan& plan);

// "after step 4 (finalise app 2.0.0): app 1.0.0 and 1.4.0 never run here again, because the security counter is 3 then"
std::string text(const model::Catalogue& catalogue, const model::Plan& plan, const Door& door);

}  // namespace lockstep::explain
