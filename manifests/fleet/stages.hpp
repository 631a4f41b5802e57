// From a way that the search found to the stages of a schedule: who is sent to once, which version is ended when, and why.
#pragma once

#include <vector>

#include "manifests/fleet/fleet.hpp"
#include "manifests/fleet/reach.hpp"

namespace lockstep::fleet {

struct Wanted {
  std::vector<std::size_t> stand;    // devices that the law is asked for, whether they move or not
  std::vector<model::Index> coming;  // software of which only the goal's version shall be in use in the end
  bool finalise = false;             // with the stage after which there is no way back
};

// Stages in which the law holds for those devices at every moment, when it does so on the way. Migrations are joined and
// versions are ended as late as the law allows; each stage says what would break without it.
std::vector<Stage> make_stages(const Fleet& fleet, const Way& way, const Wanted& wanted);

}  // namespace lockstep::fleet
