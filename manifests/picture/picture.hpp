// A plan as a picture: states from top to bottom, the steps between them, and where each fault leads.
#pragma once

#include <string>
#include <string_view>

#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::picture {

// One SVG document that needs nothing else: no fonts, scripts or files. Light or dark as the reader's screen asks for.
std::string svg(const plan_file::Document& document);

// At most `columns` characters of a text, with … where it was cut; control characters and bytes that are not UTF-8 are
// written as \x1b.
std::string shortened(std::string_view text, std::size_t columns);

// The text for XML content and attribute values.
std::string escaped(std::string_view text);

}  // namespace lockstep::picture
