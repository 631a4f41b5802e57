// `image delta`: the patch that makes one image out of another (host/delta).
#pragma once

#include "host/cli/context.hpp"

namespace lockstep::cli {

void add_image_delta(Command noun, Context& context);

}  // namespace lockstep::cli
