#include "host/cli/answers.hpp"

namespace lockstep::cli {

std::string text_of(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  if (value == nullptr || value->is_null()) return {};
  if (value->is_string()) return std::string(value->as_string());
  return json::serialize(*value);
}

std::string line_of(const json::object& object, std::string_view member) {
  constexpr std::string_view item = "\n  - ";
  std::string out = text_of(object, member);
  bool first = true;
  for (std::size_t at = 0; (at = out.find(item, at)) != out.npos; first = false)
    out.replace(at, item.size(), first && at > 0 && out[at - 1] == ':' ? " " : "; ");
  return out;
}

std::int64_t number_of(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  if (value == nullptr) return 0;
  if (value->is_int64()) return value->as_int64();
  if (value->is_uint64()) return static_cast<std::int64_t>(value->as_uint64());
  return value->is_double() ? static_cast<std::int64_t>(value->as_double()) : 0;
}

bool flag_of(const json::object& object, std::string_view member) {
  const json::value* value = object.if_contains(member);
  return value != nullptr && value->is_bool() && value->as_bool();
}

const json::array& array_of(const json::object& object, std::string_view member) {
  static const json::array none;
  const json::value* value = object.if_contains(member);
  return value != nullptr && value->is_array() ? value->as_array() : none;
}

const json::object& object_of(const json::object& object, std::string_view member) {
  static const json::object none;
  const json::value* value = object.if_contains(member);
  return value != nullptr && value->is_object() ? value->as_object() : none;
}

std::vector<std::string> texts_of(const json::object& object, std::string_view member) {
  std::vector<std::string> out;
  for (const json::value& value : array_of(object, member)) {
    if (const json::string* text = value.if_string()) out.emplace_back(text->data(), text->size());
  }
  return out;
}

json::object document(json::object answer) {
  answer.erase("change");
  return answer;
}

}  // namespace lockstep::cli
