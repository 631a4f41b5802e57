// The tables of the rig and suite formats: what the reader accepts, and what an XSD for editors is printed from.
#pragma once

#include "manifests/xml/schema.hpp"

namespace lockstep::hil {

// Valid for the whole life of the process.
const xml::Schema& rig_schema();    // urn:lockstep:rig:1
const xml::Schema& suite_schema();  // urn:lockstep:suite:1, with the steps of step_kinds()

}  // namespace lockstep::hil
