// Turns npm's shorthands into plain bounds. Private to this folder.
#pragma once

#include <string_view>
#include <vector>

#include "manifests/version/range.hpp"

namespace lockstep::version {

// Alternatives, each a list of bounds that all must admit; an empty list admits every version.
// Rules and order of rules follow node-semver (classes/range.js); the comments give its examples.
Outcome<std::vector<std::vector<Comparator>>> desugar(std::string_view text);

}  // namespace lockstep::version
