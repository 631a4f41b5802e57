// lockstep plan: the steps that take a device to a release, certified before they are shown.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_plan_commands(CLI::App& app, Context& context);

}  // namespace lockstep::cli
