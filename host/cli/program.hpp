// The program lockstep without its process: parses a command line, runs the command, gives the exit code.
#pragma once

#include "host/cli/terminal.hpp"

namespace lockstep::cli {

// 0 done or yes; 1 no, or failed; 2 wrong usage; 3 a device, rig or daemon could not be reached.
int run(int argc, const char* const* argv, Terminal& terminal);

}  // namespace lockstep::cli
