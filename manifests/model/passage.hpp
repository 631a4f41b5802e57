// What a step does to a state: the words of manifests/model/state.hpp, for who explains or walks plans. It judges
// nothing: manifests/check does, and shares nothing with this.
#pragma once

#include <optional>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::model {

struct Passage {
  std::vector<State> moments;  // those in the middle of the step, then the one that it leaves
  Target written;              // what is written meanwhile; component none: nothing
};

// Nothing when the step cannot be done there, `from` and the way put aside. Step and state are of this catalogue.
std::optional<Passage> take_step(const Catalogue& catalogue, const State& before, const Step& step);

// Whether the target's `from` contains the version that is active before. True for software and what is torn.
bool comes_directly(const Catalogue& catalogue, const State& before, const Target& target);

// The plan with other steps: the same start and goal, the states that these steps leave. Nothing when a step cannot be
// done.
std::optional<Plan> with_steps(const Catalogue& catalogue, const Plan& plan, std::vector<Step> steps);

// Whether one of these boards and revisions is this one.
bool fits(const std::vector<release::Hardware>& hardware, const Board& board);
inline bool runs_on(const Record& record, const Board& board) { return fits(record.hardware, board); }

// What component i may be at a moment, now or after reverts: of a device one of these, of software all at once. Without
// `torn` and `none`.
std::vector<Index> may_be(const Catalogue& catalogue, const State& state, Index component);

// Whether a revert of the component can happen by itself.
bool may_revert(const Catalogue& catalogue, const State& state, Index component);
void revert(Part& part);

}  // namespace lockstep::model
