// What a step does to a state: the words of manifests/model/state.hpp, for what explanations ask ("and if it were done
// elsewhere?"). It judges nothing: manifests/check does.
#pragma once

#include <optional>
#include <vector>

#include "manifests/model/state.hpp"

namespace lockstep::explain {

struct Passage {
  std::vector<model::State> moments;  // those in the middle of the step, then the one that it leaves
  model::Target written;              // what is written meanwhile; component none: nothing
};

// Nothing when the step cannot be done there, `from` and the way put aside. Step and state are of this catalogue.
std::optional<Passage> walk(const model::Catalogue& catalogue, const model::State& before, const model::Step& step);

// Whether the target's `from` contains the version that is active before. True for software and what is torn.
bool comes_directly(const model::Catalogue& catalogue, const model::State& before, const model::Target& target);

// The plan with other steps: the same start and goal, the states that these steps leave. Nothing when a step cannot be
// done.
std::optional<model::Plan> with_steps(const model::Catalogue& catalogue, const model::Plan& plan, std::vector<model::Step> steps);

// What component i may be at a moment, now or after reverts: of a device one of these, of software all at once. Without
// `torn` and `none`.
std::vector<model::Index> may_be(const model::Catalogue& catalogue, const model::State& state, model::Index component);

// Whether a revert of the component can happen by itself.
bool may_revert(const model::Catalogue& catalogue, const model::State& state, model::Index component);
void revert(model::Part& part);

}  // namespace lockstep::explain
