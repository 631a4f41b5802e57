// Errors that say where in a document they are: "$.devices[2].components.app: ...". For strict readers of JSON.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/base/text.hpp"

namespace lockstep::attest {

// The value, or its error with the place in front.
template <class T>
Outcome<T> at(std::string_view path, Outcome<T> value) {
  if (!value) return Fail(value.error().in(path));
  return value;
}

inline Fail<Error> wrong(std::string_view path, std::string what) {
  return fail(ErrorKind::invalid, std::string(path) + ": " + std::move(what));
}

// The places of an array's item and of an object's member.
inline std::string item(std::string_view path, std::size_t index) { return fmt::format("{}[{}]", path, index); }
inline std::string member(std::string_view path, std::string_view name) { return fmt::format("{}.{}", path, printable(name)); }

inline bool has(const json::object& object, std::string_view name) {
  return object.contains(json::string_view(name.data(), name.size()));
}

// Errors: invalid, as the two below.
inline Outcome<const json::object*> object_at(std::string_view path, const json::value& value) {
  const json::object* object = value.if_object();
  if (object == nullptr) return wrong(path, "an object is wanted here");
  return object;
}

inline Outcome<std::uint64_t> number_at(std::string_view path, const json::object& object, std::string_view name, std::uint64_t most) {
  LOCKSTEP_TRY(value, at(path, json_unsigned(object, name)));
  if (value > most) return wrong(path, fmt::format("member {} is {}, at most {} can be", in_quotes(name), value, most));
  return value;
}

// A missing one is false.
inline Outcome<bool> flag_at(std::string_view path, const json::object& object, std::string_view name) {
  if (!has(object, name)) return false;
  return at(path, json_bool(object, name));
}

}  // namespace lockstep::attest
