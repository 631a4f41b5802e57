// Writes the run directory's results.
#pragma once

#include "host/base/error.hpp"
#include "host/hil/engine.hpp"
#include "host/hil/result.hpp"

namespace lockstep::hil {

// Hashes what the run left in its folder into `result.artefacts`, then writes junit.xml, results.json and, with a
// runner key and at least one subject, evidence.dsse. Errors: io, invalid (the key).
Outcome<void> write_run_files(RunResult& result, const RunRequest& request);

}  // namespace lockstep::hil
