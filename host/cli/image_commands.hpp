// lockstep image: sign, show and verify MCUboot images.
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_image_commands(Command app, Context& context);

}  // namespace lockstep::cli
