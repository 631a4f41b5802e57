// Reading the daemon's answers for people: a missing or odd member shows as nothing rather than as a failure, because
// the daemon may be older or newer than this program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.hpp"

namespace lockstep::cli {

std::string text_of(const json::object& object, std::string_view member);          // also numbers and booleans, as text
std::string line_of(const json::object& object, std::string_view member);          // a text of several lines on one: "a: b; c"
std::int64_t number_of(const json::object& object, std::string_view member);
bool flag_of(const json::object& object, std::string_view member);
const json::array& array_of(const json::object& object, std::string_view member);  // empty when absent
const json::object& object_of(const json::object& object, std::string_view member);
std::vector<std::string> texts_of(const json::object& object, std::string_view member);  // those of an array that are text

// The members of an array that are objects.
template <class Function>
void for_each_object(const json::object& object, std::string_view member, Function function) {
  for (const json::value& value : array_of(object, member)) {
    if (const json::object* each = value.if_object()) function(*each);
  }
}

// An answer as scripts get it: without the counter that only serves live watching.
json::object document(json::object answer);

}  // namespace lockstep::cli
