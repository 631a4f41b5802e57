#include "host/store/event_codec.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

namespace lockstep::store {
namespace {

Outcome<json::value> ordered_object(const json::object& object) {
  std::vector<std::string_view> names;
  names.reserve(object.size());
  for (const auto& member : object) names.emplace_back(member.key().data(), member.key().size());
  std::sort(names.begin(), names.end());  // char_traits<char> compares bytes
  json::object out;
  out.reserve(object.size());
  for (const std::string_view name : names) {
    if (!is_utf8(name)) return fail(ErrorKind::invalid, "a member's name is not UTF-8 text: " + printable(name));
    LOCKSTEP_TRY(value, in_canonical_order(object.at(name)));
    out.emplace(name, std::move(value));
  }
  return json::value(std::move(out));
}

Outcome<json::value> ordered_array(const json::array& array) {
  json::array out;
  out.reserve(array.size());
  for (const json::value& item : array) {
    LOCKSTEP_TRY(value, in_canonical_order(item));
    out.push_back(std::move(value));
  }
  return json::value(std::move(out));
}

}  // namespace

Outcome<json::value> in_canonical_order(const json::value& value) {
  if (value.is_object()) return ordered_object(value.get_object());
  if (value.is_array()) return ordered_array(value.get_array());
  if (value.is_double()) {
    return fail(ErrorKind::invalid, "a floating-point number (" + json::serialize(value) + ") cannot be kept in an event",
                "write it as text with its unit");
  }
  if (value.is_string() && !is_utf8(value.get_string())) {
    return fail(ErrorKind::invalid, "a text in an event is not UTF-8: " + printable(value.get_string()));
  }
  return value;
}

Outcome<std::string> canonical_text(const json::value& value) {
  LOCKSTEP_TRY(ordered, in_canonical_order(value));
  return json::serialize(ordered);
}

}  // namespace lockstep::store
