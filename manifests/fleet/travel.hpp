// How each walker goes when the order of software is known: the cheapest way through these worlds.
#pragma once

#include <vector>

#include "manifests/fleet/tracks.hpp"

namespace lockstep::fleet {

// A world, and the move of software that leads out of it; the last world has none.
struct Passage {
  Nodes nodes;  // of software nets
  std::uint32_t net = 0, edge = 0;
};

// Every walker can follow these worlds to its goal.
std::vector<Turn> travel(const Question& question, const Tracks& tracks, const std::vector<Passage>& worlds);

}  // namespace lockstep::fleet
