// Any bytes: the reader ends, stays inside them, and its two ways over an item (reading and passing over)
// agree.
#include <cstdint>
#include <cstdlib>

#include "protocols/cbor/reader.hpp"

namespace {

using lockstep::cbor::Reader;
using lockstep::cbor::Type;

// Reads one item by its type, containers through enter and next.
void read(Reader& r) {
  switch (r.peek()) {
    case Type::unsigned_integer:
      (void)r.uint();
      return;
    case Type::negative_integer:
      (void)r.integer();
      return;
    case Type::bytes:
      (void)r.bytes();
      return;
    case Type::text:
      (void)r.text();
      return;
    case Type::boolean:
      (void)r.boolean();
      return;
    case Type::null:
      r.null();
      return;
    case Type::real:
      (void)r.real();
      return;
    case Type::array:
      r.enter_array();
      while (r.next()) read(r);
      return;
    case Type::map:
      r.enter_map();
      while (r.next()) {
        (void)r.key();
        read(r);
      }
      return;
    case Type::simple:
    case Type::container_end:
    case Type::nothing:
      r.skip();
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  Reader skipped(bytes), walked(bytes);
  skipped.skip();
  read(walked);
  if (walked.position() > size || skipped.position() > size) std::abort();
  // What could be read item by item is well-formed, and ends at the same place.
  if (walked.ok() && (!skipped.ok() || skipped.position() != walked.position())) std::abort();
  (void)lockstep::cbor::find(bytes, "off");
  return 0;
}
