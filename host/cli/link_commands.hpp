// lockstep link: what answers at the other end of a cable.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_link_commands(Command app, Context& context);

}  // namespace lockstep::cli
