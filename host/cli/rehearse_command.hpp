// lockstep rehearse: what a release would mean for today's fleet.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_rehearse_command(Command app, Context& context);

}  // namespace lockstep::cli
