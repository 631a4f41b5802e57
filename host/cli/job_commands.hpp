// lockstep job list | show | cancel: the updates of single devices, those of rollouts too.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_job_commands(Command app, Context& context);

}  // namespace lockstep::cli
