// lockstep release fill | lint | sign | show | explain | schema: what works on files; `show` knows the releases of the state, too.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_release_commands(Command app, Context& context);

}  // namespace lockstep::cli
