// Random products with a device and a wish. Their constraints look like those of the field, as far as anybody knows:
// minima that rise now and then, a lag that old peers are supported for, stepping stones, and everything that
// manifests/model knows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::oracle {

// A problem that owns its catalogue.
struct Instance {
  std::uint64_t seed = 0;
  model::Catalogue catalogue;
  model::Board board;
  model::State start;
  model::Goal goal;
  std::vector<model::Ban> bans;
  std::vector<model::Target> stuck;

  model::Problem problem() const { return {&catalogue, board, start, goal, bans, stuck}; }  // borrows from this
};

// What instances are drawn from: numbers, and probabilities of each feature.
struct Shape {
  int fewest_components = 2, most_components = 4;  // the larger of two draws
  int fewest_versions = 2, most_versions = 6;
  // Components times versions are cut down until no more states than this could be thought of, needs left aside.
  double most_states = 8'000;
  double edge = 1.0;          // twice the chance that one component wants something of another
  double raise = 0.6;         // a version raises the minimum of a peer
  double upper = 0.65;        // an edge has maxima, too: old versions do not know new peers
  int most_lag = 2;           // versions that a peer may lag behind
  double stone = 0.15;        // a version comes directly only from some
  double late = 0.3, single = 0.25, app = 0.25, service = 0.1;  // kinds; the rest is ab_trial
  double via = 0.4;           // a component is written through another one
  double flash_need = 0.15, installed_need = 0.15;  // of a version
  double epochs = 0.45;       // a component's data change format
  double counters = 0.3;      // a component's security counter rises
  double other_board = 0.06;  // a version is not for this board
  double ban = 0.15, stuck = 0.15;  // of an instance
  double odd_start = 0.35;    // trial, staged, torn, fallback, several apps alive
  double torn = 0.4;          // of an odd start with one slot
  double staged = 0.4;        // of an odd start with two slots; else there is a fallback
  double aimless = 0.2;       // of a component the goal says nothing
  double hopeless = 0.05;     // nobody looks whether start and goal are good by themselves
  // Nothing is drawn for those below when they are off.
  bool equal = false;         // all components have the same number of versions, and are cut down together
  bool chains = false;        // what a component is written through may be written through another one
  bool mixed = false;         // when a need counts is drawn for each version, not for all that want something of a peer
  double crowd = 0;           // of an app or service each version may be alive at the start
  double software_when = 0;   // a need of software counts at another time than while it is active
  double any_counter = 0;     // security counters follow no order: a fix of an old line has a higher one than its successors
  double lacks = 0;           // the device does not have a component; some versions of the others want it, and some do not
};

// Where no feature is there in vain: few components with as many versions each, and nearly everything that the model knows
// in all of them.
Shape hard();

// Where devices lack components that others want, at one time or another, or are written through. Small.
Shape lacking();

// The same seed and shape give the same instance.
Instance draw(std::uint64_t seed, const Shape& shape = {});

// For failed tests: the instance in lines that a person can read.
std::string text(const Instance& instance);
std::string text(const model::Catalogue& catalogue, const model::State& state);

}  // namespace lockstep::oracle
