// The software that is used with a rig's board, beside the releases of a run. Plain functions.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/hil/rig.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::hil {

using Releases = std::map<std::string, release::Release>;  // by role

// What the releases bring or declare as software, and the rig does not name: a board on a rig is used with the software that
// its rig names, and with no other.
std::vector<std::string> unused_software(const Releases& releases, const Dut& dut);

// A name of the rig's software that is none of theirs, in words; empty when there is none. Misspelt, it would mean that the
// software is not used.
std::string unknown_software(const Releases& releases, const Rig& rig);

}  // namespace lockstep::hil
