// Pulls CBOR data items off a view, definite and indefinite lengths alike, without copying and without recursion.
// One sticky error: after the first failure every read gives zero, an empty view or false, and ok() stays false.
//
//   cbor::Reader r(body);
//   r.enter_map();
//   while (r.next()) {
//     const std::string_view key = r.key();
//     if (key == "off") offset = r.uint(); else r.skip();
//   }
//   if (!r.ok()) return Fail(r.error());
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "protocols/cbor/cbor.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::cbor {

class Reader {
 public:
  // Containers that may be open inside each other; a deeper message is refused (Errc::too_deep), so that a
  // hostile one cannot exhaust the stack.
  static constexpr std::size_t max_depth = 8;

  // `bytes` must outlive the reader and every view it gave.
  explicit Reader(Bytes bytes) : bytes_(bytes) {}

  // Kind of the next item; tags before it are passed over (RFC 8949 section 3.4 lets a decoder ignore them).
  Type peek();

  // The next item, which must be of that type. Errors: truncated, wrong_type, malformed, too_large (a number above
  // `max` or outside the signed range), unsupported (a string in several chunks).
  std::uint64_t uint(std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
  std::int64_t integer();            // unsigned or negative
  Bytes bytes();                     // view into the input
  std::string_view text();           // view into the input; UTF-8 is not checked
  bool boolean();
  double real();                     // half and single precision are widened
  void null();                       // null or undefined

  // Steps into the next item, which must be a map or an array. Then call next() before each pair or element.
  // Items after the container can be read once next() has returned false.
  void enter_map();
  void enter_array();
  // Whether the open container has another pair or element. When it has none (or after an error) false, and the
  // container is closed. Without an open container: whether bytes are left.
  bool next();
  // The key of the next pair; a key that is not text is passed over and gives an empty view.
  std::string_view key();

  // Passes over one whole item, whatever it is, checking that it is well-formed.
  void skip();

  bool ok() const { return error_ == Errc::none; }
  Errc error() const { return error_; }
  bool at_end() const { return at_ >= bytes_.size(); }
  std::size_t position() const { return at_; }  // bytes read so far

 private:
  struct Head {
    std::uint8_t major = 0;
    std::uint8_t info = 0;      // the five low bits
    std::uint64_t argument = 0; // value, length, count or simple value
    bool indefinite = false;
  };
  struct Open {
    std::uint64_t left = 0;  // pairs or elements to come, when the length is known
    bool indefinite = false;
  };
  struct Skipped;  // a container that skip() is inside of

  void fail(Errc e);
  Head head();           // the head at the cursor; the cursor moves behind it
  Head untagged_head();  // the same behind any tags
  void enter(std::uint8_t major);
  Bytes string(std::uint8_t major);
  void pass_string(const Head& h);
  bool pass_break(const Skipped& inside);

  Bytes bytes_;
  std::size_t at_ = 0;
  std::array<Open, max_depth> open_{};
  std::size_t depth_ = 0;
  Errc error_ = Errc::none;
};

// A reader that stands at the value of `key` in the map that `bytes` starts with; nothing when `bytes` is no map,
// lacks the key, or is malformed before it. The first of equal keys counts.
std::optional<Reader> find(Bytes bytes, std::string_view key);

}  // namespace lockstep::cbor
