// lockstep key trust|list: whose signatures this state believes. They join the files-only verbs of `key`.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_trust_commands(Command noun, Context& context);

}  // namespace lockstep::cli
