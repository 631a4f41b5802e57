// Finds what a new release takes back of what an earlier one of its product said: allowed, and hardly ever meant.
#pragma once

#include <span>
#include <vector>

#include "manifests/release/lint.hpp"

namespace lockstep::release {

// Warnings at lines of `fresh`, each against the newest earlier release that says otherwise:
// * a newer version with a lower security counter: who has finalised the older one refuses it
// * the same image with a requirement less: plans go by the newest release that has an image
// Releases that are not earlier, or of another product, are passed over. Their citations are by their own files.
std::vector<Finding> taken_back(const Release& fresh, std::span<const Release* const> others);

}  // namespace lockstep::release
