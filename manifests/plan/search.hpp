// A* over the product of a group's nets.
#pragma once

#include <vector>

#include "manifests/plan/budget.hpp"
#include "manifests/plan/group.hpp"
#include "manifests/plan/heuristic.hpp"

namespace lockstep::plan {

struct Hop {
  std::uint32_t net = 0;   // of the group
  std::uint32_t edge = 0;  // of the net
};

struct Found {
  enum class How {
    path,
    exhausted,  // every state that can be reached was looked at: there is no way to the goal
    gave_up,    // a limit was reached first
  };
  How how = How::exhausted;
  std::vector<Hop> path;
  Weight weight;       // path: what it costs
  Weight at_least;     // what any way costs at least; exact search with a path: the same as `weight`
};

// Looks for a cheapest way from the start to the goal; the distance to the goal is multiplied by `greed`: 1 gives a
// cheapest way, more gives some way, sooner. The same input always gives the same way. `share`: expansions that it may
// use of the budget.
// The start itself must be allowed: start_is_good.
Found search(const Group& group, const Heuristic& heuristic, std::uint64_t greed, std::uint64_t share, Budget& budget,
             Counts& counts);

bool start_is_good(const Group& group);

}  // namespace lockstep::plan
