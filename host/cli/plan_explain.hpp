// lockstep plan explain | why-not: why a plan is as it is, or why there is none and what would make one.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

// Adds the verbs to the noun `plan`.
void add_plan_explain(Command noun, Context& context);

}  // namespace lockstep::cli
