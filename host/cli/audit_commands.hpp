// lockstep audit: the ledger, and the proof that nobody changed it.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_audit_commands(Command app, Context& context);

}  // namespace lockstep::cli
