// A fleet's schedule for people.
#pragma once

#include <string>

#include "host/base/json.hpp"

namespace lockstep::cli {

// From the document of manifests/fleet (to_json), which the daemon sends, too.
std::string schedule_text(const json::object& schedule);

}  // namespace lockstep::cli
