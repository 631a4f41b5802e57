#include "host/hil/cbor_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "host/base/text.hpp"
#include "protocols/cbor/reader.hpp"

namespace lockstep::hil {
namespace {

boost::json::value view(cbor::Reader& reader);

// The reader's own depth limit bounds the recursion: beyond it every read fails.
boost::json::value view_map(cbor::Reader& reader) {
  boost::json::object object;
  reader.enter_map();
  while (reader.next()) {
    const std::string key = printable(reader.key());
    boost::json::value value = view(reader);
    if (!key.empty()) object[key] = std::move(value);
  }
  return object;
}

boost::json::value view_array(cbor::Reader& reader) {
  boost::json::array array;
  reader.enter_array();
  while (reader.next()) array.push_back(view(reader));
  return array;
}

boost::json::value view(cbor::Reader& reader) {
  using enum cbor::Type;
  switch (reader.peek()) {
    case unsigned_integer: return reader.uint();
    case negative_integer: return reader.integer();
    case bytes: return boost::json::value(to_hex(reader.bytes()));
    case text: return boost::json::value(printable(reader.text()));
    case map: return view_map(reader);
    case array: return view_array(reader);
    case boolean: return reader.boolean();
    case real: return reader.real();
    case null:
    case simple:
    case container_end:
    case nothing: break;
  }
  reader.skip();
  return nullptr;
}

}  // namespace

Outcome<boost::json::value> json_view(Bytes bytes) {
  cbor::Reader reader(bytes);
  boost::json::value value = view(reader);
  if (!reader.ok() || !reader.at_end()) {
    return fail(ErrorKind::device, "the answer is no well-formed CBOR: " + std::string(cbor::text(reader.error())));
  }
  return value;
}

}  // namespace lockstep::hil
