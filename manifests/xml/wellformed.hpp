// What XML 1.0 demands of the characters and tinyxml2 lets pass. Private to this folder.
#pragma once

#include <optional>
#include <string_view>

#include "manifests/xml/reader.hpp"

namespace lockstep::xml {

// The first offence against well-formedness (Extensible Markup Language 1.0, fifth edition) or against our narrower
// rules (reader.hpp) and limits; nothing for a document that tinyxml2 reads as every other parser does.
std::optional<Problem> offence(std::string_view bytes, const Limits& limits);

}  // namespace lockstep::xml
