// lockstep evidence: signed statements of what passed which tests.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_evidence_commands(Command app, Context& context);

}  // namespace lockstep::cli
