// Reading JSON from outside without exceptions, with errors that name the member.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/base/error.hpp"

namespace lockstep {

namespace json = boost::json;

// One JSON document, at most 32 levels deep. ErrorKind::invalid says at which byte it went wrong.
Outcome<json::value> parse_json(std::string_view text);
// The same, and it must be an object.
Outcome<json::object> parse_json_object(std::string_view text);

// Members of an object. Missing, or of another type: ErrorKind::invalid, `member "size" is missing` or
// `member "size" must be a whole number, it is "12"`. Views and pointers live as long as the object.
Outcome<std::string_view> json_text(const json::object& object, std::string_view member);
Outcome<std::int64_t> json_integer(const json::object& object, std::string_view member);
Outcome<std::uint64_t> json_unsigned(const json::object& object, std::string_view member);
Outcome<double> json_number(const json::object& object, std::string_view member);
Outcome<bool> json_bool(const json::object& object, std::string_view member);
Outcome<const json::object*> json_object(const json::object& object, std::string_view member);
Outcome<const json::array*> json_array(const json::object& object, std::string_view member);

// The same for members that may be missing or null: then nothing. Of another type: ErrorKind::invalid.
Outcome<std::optional<std::string_view>> optional_json_text(const json::object& object,
                                                            std::string_view member);
Outcome<std::optional<std::int64_t>> optional_json_integer(const json::object& object,
                                                           std::string_view member);
Outcome<std::optional<bool>> optional_json_bool(const json::object& object, std::string_view member);

// With two blanks of indent and a final line end, for people and for files that people read.
std::string pretty_json(const json::value& value);

}  // namespace lockstep
