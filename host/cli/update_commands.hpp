// lockstep update: brings one device to a release, and waits until the device has proved it.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_update_commands(Command app, Context& context);

}  // namespace lockstep::cli
