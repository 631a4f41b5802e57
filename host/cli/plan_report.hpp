// A plan in the words of somebody who stands beside the device.
#pragma once

#include <string>

#include "manifests/plan_file/plan_file.hpp"
#include "manifests/propose/propose.hpp"

namespace lockstep::cli {

// The heading, the numbered steps with what may go wrong at each, and what it costs.
std::string plan_text(const plan_file::Document& document);

// "2 reboots, 140.6 KiB, 2 publications, 1 point of no return"
std::string cost_text(const model::Cost& cost);

}  // namespace lockstep::cli
