// Prints a table as an XML Schema (XSD 1.0), for editors and other tools.
#pragma once

#include <string>

#include "manifests/xml/schema.hpp"

namespace lockstep::xml {

// Every document that our reader accepts is valid by it. It cannot say everything that the reader checks: counts of
// children in free order, and forms that are not regular (see xsd_pattern).
std::string xsd(const Schema& schema);

}  // namespace lockstep::xml
