// Appends CBOR data items to a borrowed buffer, shortest heads first (RFC 8949 section 4.2.1, preferred
// serialization). One sticky error: do ten writes, check ok() once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocols/core/bytes.hpp"

namespace lockstep::cbor {

class Writer {
 public:
  explicit constexpr Writer(MutableBytes buffer) : out_(buffer) {}

  void uint(std::uint64_t value);
  void integer(std::int64_t value);
  void bytes(Bytes value);
  void text(std::string_view value);
  void boolean(bool value);
  void null();

  // Head of a map of `pairs` pairs, or of an array of `elements` elements; write exactly so many after it.
  void map(std::uint64_t pairs);
  void array(std::uint64_t elements);
  // The same of unknown length: end() closes it (RFC 8949 section 3.2.2).
  void begin_map();
  void begin_array();
  void end();

  // The key of a pair: `w.key("off").uint(5)`.
  Writer& key(std::string_view name);

  // False once something did not fit; nothing more was written since.
  bool ok() const { return out_.ok(); }
  std::size_t size() const { return out_.size(); }
  std::size_t room() const { return out_.room(); }
  // What was written so far; lives as long as the buffer.
  Bytes written() const { return out_.written(); }

 private:
  void head(std::uint8_t major, std::uint64_t argument);

  ByteWriter out_;
};

// Bytes that the head of an item with this argument (value, length or count) takes: 1, 2, 3, 5 or 9.
constexpr std::size_t head_size(std::uint64_t argument) {
  return argument < 24 ? 1 : argument <= 0xff ? 2 : argument <= 0xffff ? 3 : argument <= 0xffffffff ? 5 : 9;
}

}  // namespace lockstep::cbor
