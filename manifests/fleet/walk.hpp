// Plays stages for the scheduler: what is wrong first, and for whom.
#pragma once

#include <optional>

#include "manifests/fleet/fleet.hpp"

namespace lockstep::fleet {

struct Bad {
  std::size_t stage = 0;  // from 1; 0: before the first
  std::string why;        // "gw-7: app 1.0.0 requires mobile-app ^4.0.0 (gateway-1.0.0.xml:9)"
};

// Whom the walk looks at, and what it supposes.
struct Suppose {
  std::vector<std::size_t> stand;                // devices, besides those that have moves in the stages
  std::optional<model::Target> stays;            // a version that stays in use once it is, whatever is ended
};

// Versions in use, by component.
using Alive = std::vector<std::vector<model::Index>>;

// What a stage makes of the software in use: `after` it, and `meanwhile`. Both are what was in use before.
void change_software(const model::Catalogue& catalogue, const Stage& stage, Alive& meanwhile, Alive& after);

std::optional<Bad> first_bad(const Fleet& fleet, const std::vector<Stage>& stages, const Suppose& suppose);

// The stages with the plans' states as the software of their moments makes them.
void set_software(const Fleet& fleet, std::vector<Stage>& stages);

}  // namespace lockstep::fleet
