// The nouns of the command line; each lives in NOUN_commands.{hpp,cpp} and is added in nouns.cpp.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_all_nouns(Command app, Context& context);

}  // namespace lockstep::cli
