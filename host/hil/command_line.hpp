// Command lines as rig files write them: words separated by blanks, no shell.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"

namespace lockstep::hil {

// Words; 'single' or "double" quotes keep blanks, nothing is expanded, there are no escapes.
// Errors: invalid (empty, or a quote without its end).
Outcome<std::vector<std::string>> split_command(std::string_view text);

}  // namespace lockstep::hil
