// The least plan by looking at every state there is: Dijkstra over the moments that World knows.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>

#include "manifests/model/state.hpp"

namespace lockstep::oracle {

struct Solution {
  model::Plan plan;
  model::Cost cost;
};

// What a planner answers: nothing when there is no plan. Tests compare any planner with solve().
using Planner = std::function<std::optional<Solution>(const model::Problem&)>;

// The cheapest plan, and the shortest of those; the catalogue must fit World. `states`, when given, gets the number of good states met.
std::optional<Solution> solve(const model::Problem& problem, std::size_t* states = nullptr);

// All good states that can be reached from the start, and within how many steps the farthest of them.
struct Extent {
  std::size_t states = 0;
  std::size_t steps = 0;
};
Extent explore(const model::Problem& problem);

// Whether the plan is good, by playing it. Never trusts it: it may contain anything.
bool is_good(const model::Catalogue& catalogue, const model::Plan& plan);

// The state that a step leaves, safe or not; nothing when it cannot be done there.
std::optional<model::State> after(const model::Catalogue& catalogue, const model::Board& board, const model::State& state,
                                  const model::Step& step);

// Whether the plan leaves banned versions and stuck software alone. The plan is a good one.
bool obeys(const model::Problem& problem, const model::Plan& plan);

// What the steps of a plan cost.
model::Cost cost(const model::Catalogue& catalogue, const model::Plan& plan);

}  // namespace lockstep::oracle
