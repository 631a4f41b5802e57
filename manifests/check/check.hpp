// The checker of plans: the one piece of the planning that has to be right, so it is small, searches nothing, and
// shares no code with the planner beyond the words of manifests/model.
//
// Guarantee. When check() says yes, then for the given catalogue, read as manifests/model/state.hpp says: each step can
// be done where the plan does it and leaves exactly the state that the plan names; the start, each of these states and
// each moment in the middle of a step is safe and live, alone and after any combination of reverts and cuts; whatever
// is written can be written again at each of these moments; and the end is what the goal asks for.
// When it says no, one of these is not so, and the answer shows where. A plan may come from anywhere: every size and
// index of it is looked at before it is used. The catalogue is one that make_catalogue made.
// What a plan does not carry is not checked: bans, stuck software, and that no cheaper plan exists.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::check {

enum class Rule {
  shape,     // the plan does not fit the catalogue: a size, an index, or a state that no device can be in
  step,      // a step is done where it cannot be done
  effect,    // the state that the plan names is not what the step leaves
  goal,      // the end is not what was asked for
  hardware,  // a version runs on a board that it is not for
  counter,   // a version runs whose security counter is below the device's
  data,      // a version runs that cannot read the stored data
  need,      // a version's requirement does not hold
  way,       // a version cannot be written (again): the component in between is torn, or a need for writing does not hold
};
std::string_view text(Rule rule);

// One broken rule.
struct Violation {
  Rule rule = Rule::shape;
  model::State state;                   // the bad state, after the reverts
  std::vector<model::Target> reverted;  // the fewest reverts that lead there, with the version gone back to
  model::Target who;                    // whose rule it is
  model::Target other;                  // need, way: the component it is about, and the version (or torn) that breaks it
  model::Place at;                      // the rule's line; empty for rules of the plan
  std::string detail;                   // need, way: the range; shape, step, effect, goal: the whole sentence
};

// All that is wrong at one moment, with whatever reverts it takes; empty when it is safe and live. A rule that several
// combinations of reverts break is listed once for each pair of versions. `written`: what is being written; then the way
// to it must be open, too.
std::vector<Violation> check_state(const model::Catalogue& catalogue, const model::Board& board,
                                   const model::State& state, const model::Target& written = {});

struct Failure {
  std::size_t step = 0;  // from 1; 0 is the start
  bool middle = false;   // in the middle of that step, not before or after it
  Violation violation;
};

// The first failure of a plan, or nothing: then the guarantee above holds.
Result<void, Failure> check(const model::Catalogue& catalogue, const model::Plan& plan);

// For people; only for what the two above returned for the same catalogue and plan.
// "when app reverts to 1.4.0, radio 3.0.0 requires app >=2 (radio-3.xml:12)"
std::string text(const model::Catalogue& catalogue, const model::Board& board, const Violation& violation);
// "step 3 (activate app 2.0.0): when app reverts to 1.4.0, radio 3.0.0 requires app >=2 (radio-3.xml:12)"
std::string text(const model::Catalogue& catalogue, const model::Plan& plan, const Failure& failure);

}  // namespace lockstep::check
