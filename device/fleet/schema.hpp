// The table of a fleet scenario, namespace urn:lockstep:fleet:1.
#pragma once

#include "manifests/xml/schema.hpp"

namespace lockstep::fleet {

const xml::Schema& schema();

}  // namespace lockstep::fleet
