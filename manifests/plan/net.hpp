// One component alone: where its Part can be, and the moves between. The search walks the product of these nets.
//
// A move is one step or a few that nothing is gained by interrupting:
//   replace   ab_trial: stage, activate, confirm. Waiting in between only keeps more versions installed and more ways
//             back open, and activating with others only adds mixed states; so no plan is lost. Exception: a version
//             that asks something while it is written may have to be staged before that changes; it gets stage and boot.
//   stage     ab_late always (it drops the fallback, which may be the reason for doing it early), ab_trial as above or
//             when something is staged at the start.
//   boot      activate, confirm. ab_late: being on trial and having a fallback lead to the same places.
//   write     single: through torn.
//   publish   app: publish, then retire the others that can be retired. A requirement on software is on every version
//             alive, so one alive is never worse than two of which it is one.
// An image that could never boot here (another board's, below the counter) is never staged, though state.hpp does not
// forbid it: it would only be a small file to overwrite a fallback with.
// Moves that are not possible on this board, with this counter, or with this epoch are not in the net, and neither are
// nodes from which the goal cannot be reached.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "manifests/plan/footprint.hpp"
#include "manifests/plan/weight.hpp"

namespace lockstep::plan {

enum class Move : std::uint8_t {
  replace,   // stage, activate, confirm
  stage,
  boot,      // activate, confirm
  confirm,   // of what is on trial at the start
  write,     // activate of a `single`
  finalise,
  publish,   // publish, retire what can be retired
  retire,    // app: what `to` has no more
  roll,
};

struct Edge {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t print = 0;  // its footprint, which includes that of `to`
  Move move = Move::replace;
  Index version = model::none;
  Weight weight;
};

struct Net {
  std::size_t component = 0;
  std::vector<model::Part> nodes;
  std::vector<Footprint> rests;    // of being at a node; many nodes share one
  std::vector<std::uint32_t> rest;  // one per node: its footprint
  std::vector<Footprint> prints;   // of edges; many edges share one
  std::vector<Edge> edges;         // ordered by `from`
  std::vector<std::uint32_t> first;  // edges of node n: first[n] to first[n + 1]
  std::vector<bool> goal;          // one per node
  std::uint32_t start = 0;
};

struct Grounding {
  const model::Problem* problem = nullptr;
  const Relations* relations = nullptr;
  bool finalise = false;     // with finalise moves
  bool count_bytes = true;   // as part of the weights
};

enum class Grounded {
  ok,
  start_is_bad,   // what is there at the start may not be, whatever the others are
  no_way,         // the goal cannot be reached, whatever the others are
  too_large,      // more than 65,535 nodes or four million edges
};

// Whether the board runs version v of component i, and no ban forbids to go there.
bool usable(const Grounding& grounding, std::size_t i, std::size_t v);

// Whether finalising component i can open a way that is not there without: it takes a late fallback away, or moves data that
// some version does not read. Counters only close ways.
bool gains_by_finalising(const Grounding& grounding, std::size_t i);

// Makes the net of component i over the versions in `kept`.
// Complexity: nodes x versions; nodes are about the versions, ab_late: their square; with `finalise`: times the
// counters and epochs.
Grounded make_net(const Grounding& grounding, std::size_t i, const Views& kept, Net& net);

}  // namespace lockstep::plan
