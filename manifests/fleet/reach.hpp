// The search for an order of software that every device can follow.
//
// Devices do not depend on each other, only on the software beside them. So instead of the product of all devices, a
// place of the search is a *world* (which version of each app and service is in use) with, for each device by itself, the
// set of states in which it may be by then. A world's move (publish and end the old ones, roll, end) must be good for
// some state of each device; those states go on and spread by the device's own moves. The sets are complete, so that
// "none" is a proof as far as the kept versions go. Nets, footprints and guards are the planner's.
#pragma once

#include <vector>

#include "manifests/fleet/fleet.hpp"
#include "manifests/plan/plan.hpp"


namespace lockstep::fleet {

// Devices that move or stand, as far as the search cares.
struct Walker {
  const Device* device = nullptr;
  bool moves = false;  // to its goal; else it only has to be safe all the time
};

struct Question {
  const plan::Relations* relations = nullptr;
  std::vector<Walker> walkers;
  std::vector<std::vector<model::Index>> alive;
  model::Goal goal;                  // of software
  std::vector<model::Target> stuck;  // software that stays in use whatever we do
  std::vector<plan::Views> kept;     // per component: the versions worth looking at
  plan::Limits limits;               // states: that all sets together may have; stop: asked for each world
};

// What the devices do in one world, and how it goes over into the next.
struct Turn {
  std::vector<Move> moves;              // the device is the walker's place; plans without a goal
  std::vector<model::Step> software;    // empty in the last turn
};

struct Way {
  plan::Verdict verdict = plan::Verdict::none;
  std::vector<Turn> turns;  // found
};

// Fewest publications and rolls; then each device the cheapest way through these worlds.
Way find_way(const Question& question);

}  // namespace lockstep::fleet
