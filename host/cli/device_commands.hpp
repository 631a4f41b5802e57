// lockstep device: the devices this state knows.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_device_commands(Command app, Context& context);

}  // namespace lockstep::cli
