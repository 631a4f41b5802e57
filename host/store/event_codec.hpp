// Bodies to JSON and back, driven by the one field list that every body has (event_bodies.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/base/text.hpp"

namespace lockstep::store {

// Copies fields into an object. After the first bad value error() says which.
class FieldWriter {
 public:
  template <class T>
  void operator()(std::string_view name, const T& value, int /*since*/ = 1) {
    out_[name] = encode(name, value);
  }
  json::object take() && { return std::move(out_); }
  const std::optional<Error>& error() const { return error_; }

 private:
  json::value encode(std::string_view name, const std::string& text) {
    if (!is_utf8(text) && !error_) {
      error_ = Error{ErrorKind::invalid, "member \"" + std::string(name) + "\" is not UTF-8 text: " + printable(text)};
    }
    return json::string(text);
  }
  json::value encode(std::string_view, std::int64_t number) { return number; }
  json::value encode(std::string_view, bool yes) { return yes; }
  json::value encode(std::string_view, const json::object& facts) { return facts; }
  template <class T>
  json::value encode(std::string_view name, const std::vector<T>& list) {
    json::array array;
    for (const T& item : list) array.push_back(encode(name, item));
    return array;
  }
  template <class T>
  json::value encode(std::string_view, const T& part) {
    FieldWriter inner;
    T::fields(part, inner);
    if (!error_) error_ = inner.error_;
    return std::move(inner.out_);
  }

  json::object out_;
  std::optional<Error> error_;
};

// Reads fields from an object that was written with `schema`. After the first missing or wrong one error() says
// which; members that no field asked for are an error too.
class FieldReader {
 public:
  FieldReader(const json::object& in, int schema) : in_(in), schema_(schema) {}

  template <class T>
  void operator()(std::string_view name, T& value, int since = 1) {
    if (schema_ < since) return;  // older than the field: it keeps its default
    const json::value* member = in_.if_contains(name);
    if (member == nullptr) return fail(name, "is missing");
    ++asked_;
    if (!decode(*member, value)) fail(name, "has the wrong type");
  }

  // Call after the last field.
  std::optional<Error> finish() {
    if (!error_ && asked_ != in_.size()) error_ = Error{ErrorKind::invalid, "unknown members in an event's data"};
    return error_;
  }

 private:
  void fail(std::string_view name, std::string_view how) {
    if (error_) return;
    error_ = Error{ErrorKind::invalid, "member \"" + std::string(name) + "\" " + std::string(how)};
  }
  bool decode(const json::value& in, std::string& out) {
    if (!in.is_string()) return false;
    out = in.get_string();
    return true;
  }
  bool decode(const json::value& in, std::int64_t& out) {
    if (!in.is_int64()) return false;
    out = in.get_int64();
    return true;
  }
  bool decode(const json::value& in, bool& out) {
    if (!in.is_bool()) return false;
    out = in.get_bool();
    return true;
  }
  bool decode(const json::value& in, json::object& out) {
    if (!in.is_object()) return false;
    out = in.get_object();
    return true;
  }
  template <class T>
  bool decode(const json::value& in, std::vector<T>& out) {
    if (!in.is_array()) return false;
    out.clear();
    for (const json::value& item : in.get_array()) {
      if (!decode(item, out.emplace_back())) return false;
    }
    return true;
  }
  template <class T>
  bool decode(const json::value& in, T& out) {
    if (!in.is_object()) return false;
    FieldReader inner(in.get_object(), schema_);
    T::fields(out, inner);
    return !inner.finish();
  }

  const json::object& in_;
  int schema_;
  std::size_t asked_ = 0;
  std::optional<Error> error_;
};

template <class T>
Outcome<json::object> to_object(const T& part) {
  FieldWriter writer;
  T::fields(part, writer);
  if (writer.error()) return Fail(*writer.error());
  return std::move(writer).take();
}

template <class T>
Outcome<T> from_object(const json::object& in, int schema = 1) {
  T part;
  FieldReader reader(in, schema);
  T::fields(part, reader);
  if (auto error = reader.finish()) return Fail(*std::move(error));
  return part;
}

// The same value with the members of all objects in byte order.
// invalid - a floating-point number, or text that is not UTF-8, anywhere inside.
Outcome<json::value> in_canonical_order(const json::value& value);
// Its text: no white space.
Outcome<std::string> canonical_text(const json::value& value);

}  // namespace lockstep::store
