// A problem with some of its constraints taken away.
#pragma once

#include <memory>
#include <span>

#include "manifests/explain/constraint.hpp"

namespace lockstep::explain {

struct Relaxed {
  std::unique_ptr<const model::Catalogue> catalogue;  // what `problem` points to
  model::Problem problem;
};

// Nothing binds but `kept`: constraints of this problem, ascending. Components and versions keep their numbers.
Relaxed only(const model::Problem& problem, std::span<const Constraint> kept);

// Everything binds but `dropped`.
Relaxed without(const model::Problem& problem, std::span<const Constraint> dropped);

}  // namespace lockstep::explain
