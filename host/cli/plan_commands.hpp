// lockstep plan: the steps that take a device to a release, certified before they are shown.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_plan_commands(Command app, Context& context);

}  // namespace lockstep::cli
