// Why the steps of a plan come in this order: what would be bad if two neighbours were swapped, and after which fault.
#pragma once

#include <optional>
#include <vector>

#include "manifests/check/check.hpp"
#include "manifests/explain/lines.hpp"

namespace lockstep::explain {

// Steps that belong together: one update of some components, from staging to confirming.
struct Leg {
  std::size_t first = 0;  // of the plan, from 0
  std::size_t count = 0;
  std::vector<model::Index> components;  // ascending
};
std::vector<Leg> legs(const model::Plan& plan);

struct Swap {
  Leg early, late;                       // neighbours, in the plan's order, on different components
  model::Plan swapped;                   // the plan with the two in the other order
  std::optional<check::Failure> failure; // what is wrong with it; nothing: either order is safe
};

// `plan` is one that check() takes.
std::vector<Swap> why_order(const model::Catalogue& catalogue, const model::Plan& plan);

// "activate app 2.0.0 before activate radio 3.0.0: else at activate radio 3.0.0, when app reverts to 1.0.0, ..."
std::string text(const model::Catalogue& catalogue, const Swap& swap);

}  // namespace lockstep::explain
