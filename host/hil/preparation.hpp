// What a run needs before the power goes on: requirements met, parameters and artefacts found, ${name} values known.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/hil/engine.hpp"
#include "host/hil/substitute.hpp"

namespace lockstep::hil {

struct BroughtImage {
  std::string role;
  Artifact artifact;
  bool tested = false;  // an update to it must succeed
};

struct Preparation {
  Values values;                                             // for the suite's ${name}
  std::map<std::string, Artifact, std::less<>> artifacts;    // by parameter
  std::vector<BroughtImage> brought;                         // what updates may bring; empty: no step updates
  Rig rig;                                                   // with its ${name} replaced
};

// Each thing of the suite's <requires> that the rig has not, in words; empty when the rig fits.
std::vector<std::string> unmet_requirements(const Suite& suite, const Rig& rig);

// Errors say what kind of end it is: refused (a parameter, image or release was not given: the run is blocked), everything
// else is trouble (an image's bytes are not what was promised, a file cannot be read, a rig value is missing).
Outcome<Preparation> prepare(const RunRequest& request);

}  // namespace lockstep::hil
