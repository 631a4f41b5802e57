#include "protocols/cbor/reader.hpp"

#include <bit>

namespace lockstep::cbor {
namespace {

// Major types, RFC 8949 section 3.1.
constexpr std::uint8_t major_unsigned = 0, major_negative = 1, major_bytes = 2, major_text = 3, major_array = 4,
                       major_map = 5, major_tag = 6, major_simple = 7;
constexpr std::byte break_code{0xff};
constexpr std::uint64_t largest_signed = 0x7fffffffffffffff;

// Widens an IEEE 754 number of the given field widths to double precision. Integer arithmetic only: a soft-float
// library is not there on the device.
double widen(std::uint64_t bits, unsigned exponent_bits, unsigned fraction_bits) {
  const std::uint64_t sign = bits >> (exponent_bits + fraction_bits) & 1;
  const std::uint64_t exponent_mask = (1u << exponent_bits) - 1;
  std::uint64_t exponent = bits >> fraction_bits & exponent_mask;
  std::uint64_t fraction = (bits & ((std::uint64_t{1} << fraction_bits) - 1)) << (52 - fraction_bits);
  const std::uint64_t rebias = 1023 - (exponent_mask >> 1);
  if (exponent == exponent_mask) {
    exponent = 0x7ff;  // infinity or not a number
  } else if (exponent != 0) {
    exponent += rebias;
  } else if (fraction != 0) {  // subnormal: shift the first one into the hidden place
    exponent = rebias + 1;
    while ((fraction >> 52) == 0) {
      fraction <<= 1;
      --exponent;
    }
    fraction &= (std::uint64_t{1} << 52) - 1;
  }
  return std::bit_cast<double>(sign << 63 | exponent << 52 | fraction);
}

}  // namespace

struct Reader::Skipped {
  std::uint64_t left = 0;  // items to come; keys and values count each
  bool indefinite = false;
  bool map = false;
  bool odd = false;        // a key was passed and its value was not
};

void Reader::fail(Errc e) {
  if (error_ == Errc::none) error_ = e;
}

Reader::Head Reader::head() {
  if (!ok()) return {};
  ByteReader r(bytes_.subspan(at_));
  const std::uint8_t first = r.u8();
  Head h{.major = static_cast<std::uint8_t>(first >> 5), .info = static_cast<std::uint8_t>(first & 0x1f)};
  if (h.info < 24) h.argument = h.info;
  if (h.info == 24) h.argument = r.u8();
  if (h.info == 25) h.argument = r.u16be();
  if (h.info == 26) h.argument = r.u32be();
  if (h.info == 27) h.argument = r.u64be();
  if (h.info >= 28) {
    h.indefinite = h.info == 31;
    const bool may_be = h.major >= major_bytes && h.major != major_tag;  // on a simple value it is the "break"
    if (!h.indefinite || !may_be) fail(Errc::malformed);
  }
  if (!r.ok()) {
    fail(Errc::truncated);
  } else if (h.major == major_simple && h.info == 24 && h.argument < 32) {
    fail(Errc::malformed);  // RFC 8949 section 3.3: two-byte simple values start at 32
  }
  if (!ok()) return {};
  at_ = bytes_.size() - r.remaining();
  return h;
}

Reader::Head Reader::untagged_head() {
  Head h = head();
  while (ok() && h.major == major_tag) h = head();
  return h;
}

Type Reader::peek() {
  if (!ok() || at_end()) return Type::nothing;
  const std::size_t here = at_;
  const Head h = untagged_head();
  at_ = here;
  if (!ok()) {
    error_ = Errc::none;  // the read that follows will say it
    return Type::nothing;
  }
  switch (h.major) {
    case major_unsigned: return Type::unsigned_integer;
    case major_negative: return Type::negative_integer;
    case major_bytes: return Type::bytes;
    case major_text: return Type::text;
    case major_array: return Type::array;
    case major_map: return Type::map;
  }
  if (h.indefinite) return Type::container_end;
  if (h.info >= 25) return Type::real;
  if (h.argument == 20 || h.argument == 21) return Type::boolean;
  if (h.argument == 22 || h.argument == 23) return Type::null;
  return Type::simple;
}

std::uint64_t Reader::uint(std::uint64_t max) {
  const Head h = untagged_head();
  if (!ok()) return 0;
  if (h.major != major_unsigned) fail(Errc::wrong_type);
  else if (h.argument > max) fail(Errc::too_large);
  return ok() ? h.argument : 0;
}

std::int64_t Reader::integer() {
  const Head h = untagged_head();
  if (!ok()) return 0;
  if (h.major > major_negative) fail(Errc::wrong_type);
  else if (h.argument > largest_signed) fail(Errc::too_large);
  if (!ok()) return 0;
  const auto n = static_cast<std::int64_t>(h.argument);
  return h.major == major_negative ? -1 - n : n;
}

Bytes Reader::string(std::uint8_t major) {
  const Head h = untagged_head();
  if (!ok()) return {};
  if (h.major != major) fail(Errc::wrong_type);
  else if (h.indefinite) fail(Errc::unsupported);
  else if (h.argument > bytes_.size() - at_) fail(Errc::truncated);
  if (!ok()) return {};
  const Bytes value = bytes_.subspan(at_, static_cast<std::size_t>(h.argument));
  at_ += value.size();
  return value;
}

Bytes Reader::bytes() { return string(major_bytes); }
std::string_view Reader::text() { return as_text(string(major_text)); }

bool Reader::boolean() {
  const Head h = untagged_head();
  const bool is = h.major == major_simple && h.info < 24 && (h.argument == 20 || h.argument == 21);
  if (ok() && !is) fail(Errc::wrong_type);
  return ok() && h.argument == 21;
}

void Reader::null() {
  const Head h = untagged_head();
  const bool is = h.major == major_simple && h.info < 24 && (h.argument == 22 || h.argument == 23);
  if (ok() && !is) fail(Errc::wrong_type);
}

double Reader::real() {
  const Head h = untagged_head();
  if (ok() && (h.major != major_simple || h.info < 25 || h.indefinite)) fail(Errc::wrong_type);
  if (!ok()) return 0;
  if (h.info == 25) return widen(h.argument, 5, 10);
  if (h.info == 26) return widen(h.argument, 8, 23);
  return std::bit_cast<double>(h.argument);
}

void Reader::enter(std::uint8_t major) {
  const Head h = untagged_head();
  if (!ok()) return;
  if (h.major != major) return fail(Errc::wrong_type);
  // Each element takes a byte at least: a count beyond that is known to be false at once.
  if (!h.indefinite && h.argument > bytes_.size() - at_) return fail(Errc::truncated);
  if (depth_ == max_depth) return fail(Errc::too_deep);
  open_[depth_++] = {.left = h.argument, .indefinite = h.indefinite};
}

void Reader::enter_map() { enter(major_map); }
void Reader::enter_array() { enter(major_array); }

bool Reader::next() {
  if (!ok()) return false;
  if (depth_ == 0) return !at_end();
  Open& open = open_[depth_ - 1];
  if (open.indefinite) {
    if (at_end()) {
      fail(Errc::truncated);
      return false;
    }
    if (bytes_[at_] != break_code) return true;
    ++at_;
  } else if (open.left > 0) {
    --open.left;
    return true;
  }
  --depth_;
  return false;
}

std::string_view Reader::key() {
  if (peek() == Type::text) return text();
  skip();
  return {};
}

// The content of a string behind its head; chunks of an indefinite one must be definite and of the same kind
// (RFC 8949 section 3.2.3).
void Reader::pass_string(const Head& h) {
  bool more = true;
  for (Head chunk = h; ok() && more; ) {
    if (!chunk.indefinite) {
      if (chunk.argument > bytes_.size() - at_) return fail(Errc::truncated);
      at_ += static_cast<std::size_t>(chunk.argument);
    }
    more = h.indefinite;
    if (!more) return;
    chunk = head();
    if (!ok()) return;
    if (chunk.major == major_simple && chunk.indefinite) return;
    if (chunk.major != h.major || chunk.indefinite) return fail(Errc::malformed);
  }
}

// Whether a break at the cursor ended the container; it is consumed.
bool Reader::pass_break(const Skipped& inside) {
  if (!inside.indefinite || at_end() || bytes_[at_] != break_code) return false;
  if (inside.odd) fail(Errc::malformed);
  ++at_;
  return true;
}

void Reader::skip() {
  std::array<Skipped, max_depth> inside;
  std::size_t depth = 0;
  bool begun = false;
  while (ok() && (depth > 0 || !begun)) {
    begun = true;
    if (depth > 0) {
      Skipped& top = inside[depth - 1];
      if (pass_break(top) || (!top.indefinite && top.left == 0)) {
        --depth;
        continue;
      }
      --top.left;
      top.odd = top.map && !top.odd;
    }
    const Head h = untagged_head();
    if (!ok()) return;
    if (h.major == major_bytes || h.major == major_text) {
      pass_string(h);
    } else if (h.major == major_array || h.major == major_map) {
      if (!h.indefinite && h.argument > bytes_.size() - at_) return fail(Errc::truncated);
      if (depth_ + depth == max_depth) return fail(Errc::too_deep);
      const bool map = h.major == major_map;
      inside[depth++] = {.left = map ? h.argument * 2 : h.argument, .indefinite = h.indefinite, .map = map};
    } else if (h.major == major_simple && h.indefinite) {
      return fail(Errc::malformed);  // a break where an item must be
    }
  }
}

std::optional<Reader> find(Bytes bytes, std::string_view key) {
  Reader r(bytes);
  r.enter_map();
  while (r.next()) {
    if (r.key() == key && r.ok()) return r;
    r.skip();
  }
  return std::nullopt;
}

}  // namespace lockstep::cbor
