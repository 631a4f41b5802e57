// The planner: the steps that take a device, and the software around it, from where it is to a release, so that every
// state on the way, and every state that reverts and power cuts lead to, is safe and live (manifests/model/state.hpp).
//
// How: each component becomes a small net of places and moves (net.hpp); versions that another stands in for are left
// out (compress.hpp); which moves may meet which places is a table of bits (group.hpp); components that share no
// requirement are planned apart; A* walks the rest (search.hpp) with exact distances of clusters of components as its
// guide (heuristic.hpp); the way becomes steps (write_out.hpp). First without irreversible acts, and only when that has
// no solution, with them.
//
// The same problem always gives the same answer. Plans are not proved here: manifests/check does that.
#pragma once

#include "host/base/error.hpp"
#include "manifests/model/state.hpp"
#include "manifests/plan/budget.hpp"
#include "manifests/plan/relations.hpp"

namespace lockstep::plan {

struct Options {
  Limits limits;
  bool weigh_bytes = true;       // false: ways that differ only in bytes are as good as each other; quicker
  bool finalise_at_end = false;  // add the finalise steps of what has its goal; they are no part of what is minimised
};

enum class Verdict {
  found,
  none,      // proved: there is no good plan
  gave_up,   // a limit was reached before there was a plan; nothing is known
};

struct Answer {
  Verdict verdict = Verdict::none;
  bool start_is_bad = false;  // none: already the start is not safe and live, so that not even waiting there is good
  model::Plan plan;           // found
  model::Cost cost;           // found: of the plan without what finalise_at_end added
  model::Cost at_least;       // found: what any good plan costs at least, as far as is proved
  Counts counts;

  // Whether the plan is proved to be one of least cost; and whether it is, bytes (which weigh least) put aside.
  bool least() const { return verdict == Verdict::found && cost == at_least; }
  bool least_but_bytes() const {
    return verdict == Verdict::found && cost.irreversible == at_least.irreversible && cost.reboots == at_least.reboots &&
           cost.publications == at_least.publications;
  }
};

// Errors: invalid, when the problem is not about this catalogue (a part, version or component that it does not have) or
// describes what cannot be: an A/B component that is torn, something in both roles of the second slot, on trial without
// a fallback, one slot with a second image, anything of a component that is not there, a stuck version that is not in use.
Outcome<Answer> make_plan(const Relations& relations, const model::Problem& problem, const Options& options = {});

// The same for one plan only; errors of Relations::make, too. For many devices make the Relations once.
Outcome<Answer> make_plan(const model::Problem& problem, const Options& options = {});

}  // namespace lockstep::plan
