// The table of the release manifest, namespace urn:lockstep:release:1.
#pragma once

#include "manifests/xml/schema.hpp"

namespace lockstep::release {

const xml::Schema& schema();

// The same, but size, sha256 and image-hash may be missing: what fill() completes.
const xml::Schema& draft_schema();

}  // namespace lockstep::release
