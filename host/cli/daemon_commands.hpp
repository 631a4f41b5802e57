// lockstep daemon: is one running, and how is it.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_daemon_commands(Command app, Context& context);

}  // namespace lockstep::cli
