// lockstep release add|list: the releases of a state. They join the files-only verbs of `release`.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_release_store_commands(Command noun, Context& context);

}  // namespace lockstep::cli
