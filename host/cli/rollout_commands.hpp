// lockstep rollout: promotes a release in stages.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_rollout_commands(CLI::App& app, Context& context);

}  // namespace lockstep::cli
