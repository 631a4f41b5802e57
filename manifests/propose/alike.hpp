// Which devices of a fleet say the same.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "manifests/model/problem.hpp"

namespace lockstep::propose {

// The places of the reports that are the same but for the device's name, ascending; ordered by the first of each.
// Complexity: one look at each report; a fleet has a few hundred different ones.
std::vector<std::vector<std::size_t>> alike(std::span<const model::Report> reports);

}  // namespace lockstep::propose
