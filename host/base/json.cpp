#include "host/base/json.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <boost/json/parser.hpp>

#include "host/base/text.hpp"

namespace lockstep {
namespace {

constexpr std::size_t max_depth = 32;

Fail<Error> missing(std::string_view member) {
  return fail(ErrorKind::invalid, "member " + in_quotes(member) + " is missing");
}

Fail<Error> wrong_type(std::string_view member, std::string_view wanted, const json::value& value) {
  std::string is = json::serialize(value);
  if (is.size() > 60) is = is.substr(0, 57) + "...";
  return fail(ErrorKind::invalid,
              fmt::format("member {} must be {}, it is {}", in_quotes(member), wanted, printable(is)));
}

const json::value* find(const json::object& object, std::string_view member) {
  return object.if_contains(json::string_view(member.data(), member.size()));
}

bool is_absent(const json::value* value) { return !value || value->is_null(); }

// `convert` gives an optional or a pointer that is empty for a value of another type.
template <class T, class Convert>
Outcome<T> required(const json::object& object, std::string_view member, std::string_view wanted,
                    Convert convert) {
  const json::value* value = find(object, member);
  if (!value) return missing(member);
  if (auto converted = convert(*value)) return T(*std::move(converted));
  return wrong_type(member, wanted, *value);
}

std::optional<std::string_view> text_of(const json::value& v) {
  if (const auto* s = v.if_string()) return std::string_view(s->data(), s->size());
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const json::value& v) {
  if (const auto* n = v.if_int64()) return *n;
  return std::nullopt;  // above 2^63 the parser makes it unsigned
}

std::optional<std::uint64_t> unsigned_of(const json::value& v) {
  if (const auto* n = v.if_uint64()) return *n;
  if (const auto* n = v.if_int64(); n && *n >= 0) return static_cast<std::uint64_t>(*n);
  return std::nullopt;
}

std::optional<double> number_of(const json::value& v) {
  if (const auto* n = v.if_double()) return *n;
  if (const auto* n = v.if_int64()) return static_cast<double>(*n);
  if (const auto* n = v.if_uint64()) return static_cast<double>(*n);
  return std::nullopt;
}

std::optional<bool> bool_of(const json::value& v) {
  if (const auto* b = v.if_bool()) return *b;
  return std::nullopt;
}

std::optional<const json::object*> object_of(const json::value& v) {
  if (const auto* o = v.if_object()) return o;
  return std::nullopt;
}

std::optional<const json::array*> array_of(const json::value& v) {
  if (const auto* a = v.if_array()) return a;
  return std::nullopt;
}

void write_pretty(std::string& out, const json::value& value, std::size_t indent);

template <class Range, class WriteOne>
void write_list(std::string& out, const Range& range, std::size_t indent, std::string_view brackets,
                WriteOne write_one) {
  out += brackets[0];
  bool first = true;
  for (const auto& item : range) {
    out += first ? "\n" : ",\n";
    first = false;
    out.append(indent + 2, ' ');
    write_one(item);
  }
  if (!first) out += "\n" + std::string(indent, ' ');
  out += brackets[1];
}

void write_pretty(std::string& out, const json::value& value, std::size_t indent) {
  if (const auto* object = value.if_object()) {
    write_list(out, *object, indent, "{}", [&](const json::key_value_pair& member) {
      out += json::serialize(member.key()) + ": ";
      write_pretty(out, member.value(), indent + 2);
    });
  } else if (const auto* array = value.if_array()) {
    write_list(out, *array, indent, "[]",
               [&](const json::value& item) { write_pretty(out, item, indent + 2); });
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

namespace {

// Boost.JSON reads 1e999 as infinity, which has no JSON text: it would be accepted and could never be written again.
bool all_finite(const json::value& value) {
  if (const double* number = value.if_double()) return std::isfinite(*number);
  if (const json::array* array = value.if_array()) return std::all_of(array->begin(), array->end(), all_finite);
  const json::object* object = value.if_object();
  return object == nullptr || std::all_of(object->begin(), object->end(),
                                          [](const auto& member) { return all_finite(member.value()); });
}

}  // namespace

Outcome<json::value> parse_json(std::string_view text) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::parser parser(json::storage_ptr(), options);
  json::error_code error;
  const std::size_t read = parser.write(json::string_view(text.data(), text.size()), error);
  if (error)
    return fail(ErrorKind::invalid,
                fmt::format("this is no JSON text: {} at byte {}", error.message(), read));
  json::value value = parser.release();
  if (!all_finite(value)) return fail(ErrorKind::invalid, "this JSON text has a number that is too large");
  return value;
}

Outcome<json::object> parse_json_object(std::string_view text) {
  LOCKSTEP_TRY(value, parse_json(text));
  if (!value.is_object()) return fail(ErrorKind::invalid, "a JSON object is wanted here");
  return std::move(value.get_object());
}

Outcome<std::string_view> json_text(const json::object& object, std::string_view member) {
  return required<std::string_view>(object, member, "a text", text_of);
}
Outcome<std::int64_t> json_integer(const json::object& object, std::string_view member) {
  return required<std::int64_t>(object, member, "a whole number", integer_of);
}
Outcome<std::uint64_t> json_unsigned(const json::object& object, std::string_view member) {
  return required<std::uint64_t>(object, member, "a whole number of at least 0", unsigned_of);
}
Outcome<double> json_number(const json::object& object, std::string_view member) {
  return required<double>(object, member, "a number", number_of);
}
Outcome<bool> json_bool(const json::object& object, std::string_view member) {
  return required<bool>(object, member, "true or false", bool_of);
}
Outcome<const json::object*> json_object(const json::object& object, std::string_view member) {
  return required<const json::object*>(object, member, "an object", object_of);
}
Outcome<const json::array*> json_array(const json::object& object, std::string_view member) {
  return required<const json::array*>(object, member, "a list", array_of);
}

Outcome<std::optional<std::string_view>> optional_json_text(const json::object& object,
                                                            std::string_view member) {
  if (is_absent(find(object, member))) return std::optional<std::string_view>{};
  LOCKSTEP_TRY(value, json_text(object, member));
  return std::optional(value);
}
Outcome<std::optional<std::int64_t>> optional_json_integer(const json::object& object,
                                                           std::string_view member) {
  if (is_absent(find(object, member))) return std::optional<std::int64_t>{};
  LOCKSTEP_TRY(value, json_integer(object, member));
  return std::optional(value);
}
Outcome<std::optional<bool>> optional_json_bool(const json::object& object, std::string_view member) {
  if (is_absent(find(object, member))) return std::optional<bool>{};
  LOCKSTEP_TRY(value, json_bool(object, member));
  return std::optional(value);
}

std::string pretty_json(const json::value& value) {
  std::string out;
  write_pretty(out, value, 0);
  return out + "\n";
}

}  // namespace lockstep
