#include "protocols/cbor/writer.hpp"

namespace lockstep::cbor {
namespace {

constexpr std::uint8_t major_unsigned = 0, major_negative = 1, major_bytes = 2, major_text = 3, major_array = 4,
                       major_map = 5;

}  // namespace

void Writer::head(std::uint8_t major, std::uint64_t argument) {
  const auto top = static_cast<std::uint8_t>(major << 5);
  // A head that fits but whose argument does not would leave half an item behind.
  if (head_size(argument) > out_.room()) {
    out_.fill({}, out_.room() + 1);  // spoils the writer
    return;
  }
  if (argument < 24) {
    out_.u8(static_cast<std::uint8_t>(top | argument));
  } else if (argument <= 0xff) {
    out_.u8(top | 24);
    out_.u8(static_cast<std::uint8_t>(argument));
  } else if (argument <= 0xffff) {
    out_.u8(top | 25);
    out_.u16be(static_cast<std::uint16_t>(argument));
  } else if (argument <= 0xffffffff) {
    out_.u8(top | 26);
    out_.u32be(static_cast<std::uint32_t>(argument));
  } else {
    out_.u8(top | 27);
    out_.u64be(argument);
  }
}

void Writer::uint(std::uint64_t value) { head(major_unsigned, value); }

void Writer::integer(std::int64_t value) {
  if (value >= 0) {
    head(major_unsigned, static_cast<std::uint64_t>(value));
  } else {
    head(major_negative, static_cast<std::uint64_t>(-(value + 1)));  // RFC 8949 section 3.1: the item means -1 - n
  }
}

void Writer::bytes(Bytes value) {
  head(major_bytes, value.size());
  out_.bytes(value);
}

void Writer::text(std::string_view value) {
  head(major_text, value.size());
  out_.text(value);
}

void Writer::boolean(bool value) { out_.u8(value ? 0xf5 : 0xf4); }
void Writer::null() { out_.u8(0xf6); }
void Writer::map(std::uint64_t pairs) { head(major_map, pairs); }
void Writer::array(std::uint64_t elements) { head(major_array, elements); }
void Writer::begin_map() { out_.u8(0xbf); }
void Writer::begin_array() { out_.u8(0x9f); }
void Writer::end() { out_.u8(0xff); }

Writer& Writer::key(std::string_view name) {
  text(name);
  return *this;
}

}  // namespace lockstep::cbor
