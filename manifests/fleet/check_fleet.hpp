// Says whether a schedule keeps the law of fleet.hpp: it walks the stages, holds every moment against manifests/check,
// and searches nothing. It shares no code with the scheduler.
//
// Guarantee. When it says yes, then from the first stage to the last: each device that is not named as broken, or as
// stranded at this or an earlier stage, is safe and live at each moment, with all software in use; each move is done on
// the device as the stages before left it, by a plan that manifests/check certifies; software changes only by stages; no
// version is ended before its wait, nor one on which people stay who are not named as unserved; asleep and blocked devices
// take no step; whoever is not named is where its goal says in the end; and whoever is asleep gets there by a certified
// plan of its own, which starts when it wakes after that and ends no version on which more people stay than may.
#pragma once

#include "host/base/error.hpp"
#include "manifests/fleet/fleet.hpp"

namespace lockstep::fleet {

struct Failure {
  std::size_t stage = 0;  // from 1; 0: before the first
  std::string why;        // a sentence
};

Result<void, Failure> check_fleet(const Fleet& fleet, const Schedule& schedule);

// How many paired devices may still be used with a version when it is ended; of those that use its component.
std::uint64_t may_remain(const Fleet& fleet, model::Index component);

}  // namespace lockstep::fleet
