// What would make a plan possible without a new release: one range that takes one more version. Somebody has to test
// that, and to say it in the manifest of the next release.
#pragma once

#include <span>
#include <vector>

#include "manifests/explain/impossible.hpp"
#include "manifests/explain/relax.hpp"

namespace lockstep::explain {

struct Widening {
  Constraint constraint;           // a need or a `from`
  model::Target added;             // the version that it would take in
  std::vector<std::size_t> frees;  // which of the problems, ascending
};

// The problem when the range takes it in.
Relaxed with(const model::Problem& problem, const Widening& widening);

// All that free a problem, those that free the most first. Only needs and `from`s that are enough by themselves can.
// Problems and errors as for bridges().
Outcome<std::vector<Widening>> widenings(std::span<const model::Problem> problems, const Effort& effort = {});

// "app 2.0.0 requires mobile-app ^5.2.0 (release.xml:6): if it worked with mobile-app 5.1.0, that would free 2 of 3 devices"
std::string text(const model::Problem& problem, std::size_t of_problems, const Widening& widening);

}  // namespace lockstep::explain
