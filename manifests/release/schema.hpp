// The table of the release manifest, namespace urn:lockstep:release:1.
#pragma once

#include "manifests/xml/schema.hpp"

namespace lockstep::release {

const xml::Schema& schema();

}  // namespace lockstep::release
