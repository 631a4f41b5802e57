// Takes out of a net what leads nowhere.
#pragma once

#include "manifests/plan/net.hpp"

namespace lockstep::plan {

// Keeps the nodes from which a goal can be reached, with the edges between them and the footprints that these have, and
// fills in Net::first. Nodes keep their order, so the start stays the first. False: the start is none of them, and the net
// is as it was.
bool prune(Net& net);

}  // namespace lockstep::plan
