// The types of attribute values: their check, their words in messages, and their form in an XSD.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/xml/schema.hpp"

namespace lockstep::xml {

// What is wrong with `text` as a value of that type, as the end of a sentence ("expected bytes such as 64 KiB"),
// or nothing when it is right.
std::optional<std::string> objection(Type type, std::string_view text, std::string_view choices = {});

// "a SemVer version such as 1.4.2"; for choices their words.
std::string expectation(Type type, std::string_view choices = {});

// The simple type in an exported XSD: its name ("version") and the regular expression that bounds it. The pattern is
// never narrower than objection(); it may be wider, where the form is not regular.
std::string_view xsd_name(Type type);
std::string_view xsd_pattern(Type type);

// The values, for texts without objection.
std::optional<std::uint32_t> parse_count(std::string_view text);
std::optional<double> parse_number(std::string_view text);
std::optional<std::uint64_t> parse_size(std::string_view text);
std::optional<std::chrono::microseconds> parse_duration(std::string_view text);
std::vector<std::string> parse_words(std::string_view text);

}  // namespace lockstep::xml
