// lockstep rollout: promotes a release in stages.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_rollout_commands(Command app, Context& context);

}  // namespace lockstep::cli
