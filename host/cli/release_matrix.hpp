// lockstep release matrix: which versions of the components may be together, and why not.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

// Adds the verb to the noun `release`.
void add_release_matrix(Command noun, Context& context);

}  // namespace lockstep::cli
