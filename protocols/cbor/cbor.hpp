// The words that the CBOR reader and writer share. Specification: RFC 8949 (STD 94), "Concise Binary Object
// Representation".
#pragma once

#include <cstdint>
#include <string_view>

namespace lockstep::cbor {

enum class Errc : std::uint8_t {
  none = 0,
  truncated,    // the bytes end inside a data item
  wrong_type,   // the next item is not of the type that was asked for
  malformed,    // not well-formed (RFC 8949 section 3 and appendix F)
  too_deep,     // more nested containers than Reader::max_depth
  too_large,    // the number does not fit the range that was asked for
  unsupported,  // a string in several chunks (RFC 8949 section 3.2.3) where one view is asked for
};

// One sentence without full stop; the text is static.
std::string_view text(Errc e);

// Kinds of data items as a reader meets them.
enum class Type : std::uint8_t {
  unsigned_integer,
  negative_integer,
  bytes,
  text,
  array,
  map,
  boolean,
  null,       // also `undefined`
  real,       // half, single or double precision
  simple,     // a simple value without a meaning here (RFC 8949 section 3.3)
  container_end,  // the "break" that ends an indefinite-length container
  nothing,    // no bytes left, or the reader is spoiled
};

}  // namespace lockstep::cbor
