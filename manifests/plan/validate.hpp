// Whether a problem is one at all.
#pragma once

#include "host/base/error.hpp"
#include "manifests/model/state.hpp"

namespace lockstep::plan {

// Errors: invalid, the first that is wrong.
Outcome<> validate(const model::Problem& problem);
// The part of it that must hold before Relations can be made.
Outcome<> validate(const model::Catalogue& catalogue);

}  // namespace lockstep::plan
