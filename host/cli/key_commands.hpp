// lockstep key: ECDSA P-256 keys that sign images, releases and evidence.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_key_commands(Command app, Context& context);

}  // namespace lockstep::cli
