// The comparisons of <assert>: eq ne ge le matches.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "host/hil/suite.hpp"
#include "manifests/xml/schema.hpp"

namespace lockstep::hil {

// The comparison attributes of an assert element, for step tables.
inline constexpr xml::Attribute eq_attribute{"eq", xml::Type::text, xml::Use::optional, "equal; numbers as numbers"};
inline constexpr xml::Attribute ne_attribute{"ne", xml::Type::text, xml::Use::optional, "not equal"};
inline constexpr xml::Attribute ge_attribute{"ge", xml::Type::text, xml::Use::optional, "a number, at least"};
inline constexpr xml::Attribute le_attribute{"le", xml::Type::text, xml::Use::optional, "a number, at most"};
inline constexpr xml::Attribute matches_attribute{"matches", xml::Type::text, xml::Use::optional,
                                                  "RE2 pattern that the whole text must match"};

// Parse time: at least one comparison, numbers are numbers, the pattern is one.
Outcome<void> check_assert(const StepSpec& assertion);

// Why `actual` does not meet the assertion ("is "1.0.0", must equal "2.0.0""), or nothing when it does.
std::optional<std::string> objection(const StepSpec& assertion, const boost::json::value& actual);

// A JSON scalar as the text that captures and comparisons use; other values as JSON.
std::string plain_text(const boost::json::value& value);

}  // namespace lockstep::hil
