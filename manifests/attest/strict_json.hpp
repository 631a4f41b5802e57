// JSON objects whose members are all known.
#pragma once

#include <initializer_list>
#include <string_view>

#include "host/base/error.hpp"
#include "host/base/json.hpp"

namespace lockstep::attest {

// Parses one object and refuses members that are there twice at any level, which readers take differently, and names
// of members with escapes. Errors: invalid.
Outcome<json::object> parse_strict(std::string_view text);

// Errors: invalid, `member "resutl" of the predicate is unknown; did you mean "result"?`
Outcome<void> only_members(const json::object& object, std::string_view what,
                           std::initializer_list<std::string_view> known);

// A member that must be a list of texts; a missing one is an empty list.
Outcome<std::vector<std::string>> json_texts(const json::object& object, std::string_view member);

}  // namespace lockstep::attest
