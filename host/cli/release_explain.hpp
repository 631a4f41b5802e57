// lockstep release explain: would this device get that release, and why (not)?
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

// Adds the verb to the noun `release`.
void add_release_explain(Command noun, Context& context);

}  // namespace lockstep::cli
