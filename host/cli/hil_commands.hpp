// lockstep hil: hardware-in-the-loop suites on rigs.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_hil_commands(Command app, Context& context);

}  // namespace lockstep::cli
