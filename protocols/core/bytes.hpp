// Reading and writing fixed-layout bytes. Both sides keep one sticky error: do ten steps, check once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace lockstep {

using Bytes = std::span<const std::byte>;        // a view; the owner is named where it is passed
using MutableBytes = std::span<std::byte>;       // borrowed, writable

// The characters of `text` as bytes; the view lives as long as `text`'s storage.
inline Bytes as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
// The bytes as characters, unchecked; the view lives as long as `bytes`' storage.
inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Takes values off the front of a view. After the first read past the end every read gives zero or an empty
// view, and ok() is false for good.
class ByteReader {
 public:
  explicit constexpr ByteReader(Bytes bytes) : rest_(bytes) {}

  std::uint8_t u8() { return static_cast<std::uint8_t>(little(1)); }
  std::uint16_t u16le() { return static_cast<std::uint16_t>(little(2)); }
  std::uint32_t u32le() { return static_cast<std::uint32_t>(little(4)); }
  std::uint64_t u64le() { return little(8); }
  std::uint16_t u16be() { return static_cast<std::uint16_t>(big(2)); }
  std::uint32_t u32be() { return static_cast<std::uint32_t>(big(4)); }
  std::uint64_t u64be() { return big(8); }
  // The next n bytes as a view into the input.
  Bytes take(std::size_t n);
  void skip(std::size_t n) { (void)take(n); }

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }
  std::size_t remaining() const { return rest_.size(); }
  Bytes rest() const { return rest_; }

 private:
  std::uint64_t little(std::size_t n);
  std::uint64_t big(std::size_t n);

  Bytes rest_;
  bool ok_ = true;
};

// Appends values to a borrowed buffer. The first write that does not fit makes ok() false for good and writes
// nothing; later writes do nothing.
class ByteWriter {
 public:
  explicit constexpr ByteWriter(MutableBytes buffer) : buffer_(buffer) {}

  void u8(std::uint8_t v) { little(v, 1); }
  void u16le(std::uint16_t v) { little(v, 2); }
  void u32le(std::uint32_t v) { little(v, 4); }
  void u64le(std::uint64_t v) { little(v, 8); }
  void u16be(std::uint16_t v) { big(v, 2); }
  void u32be(std::uint32_t v) { big(v, 4); }
  void u64be(std::uint64_t v) { big(v, 8); }
  void bytes(Bytes b);
  void text(std::string_view s) { bytes(as_bytes(s)); }
  void fill(std::byte value, std::size_t n);

  bool ok() const { return ok_; }
  std::size_t size() const { return size_; }
  std::size_t room() const { return buffer_.size() - size_; }
  // What was written so far; lives as long as the buffer.
  Bytes written() const { return Bytes(buffer_).first(size_); }

 private:
  MutableBytes reserve(std::size_t n);
  void little(std::uint64_t v, std::size_t n);
  void big(std::uint64_t v, std::size_t n);

  MutableBytes buffer_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace lockstep
