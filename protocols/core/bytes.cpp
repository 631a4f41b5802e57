#include "protocols/core/bytes.hpp"

#include <cstring>

namespace lockstep {

Bytes ByteReader::take(std::size_t n) {
  if (!ok_ || n > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const Bytes taken = rest_.first(n);
  rest_ = rest_.subspan(n);
  return taken;
}

std::uint64_t ByteReader::little(std::size_t n) {
  std::uint64_t value = 0;
  const Bytes bytes = take(n);
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  return value;
}

std::uint64_t ByteReader::big(std::size_t n) {
  std::uint64_t value = 0;
  for (const std::byte b : take(n)) value = value << 8 | std::to_integer<std::uint64_t>(b);
  return value;
}

MutableBytes ByteWriter::reserve(std::size_t n) {
  if (!ok_ || n > room()) {
    ok_ = false;
    return {};
  }
  const MutableBytes place = buffer_.subspan(size_, n);
  size_ += n;
  return place;
}

void ByteWriter::bytes(Bytes b) {
  const MutableBytes place = reserve(b.size());
  if (!place.empty()) std::memcpy(place.data(), b.data(), place.size());
}

void ByteWriter::fill(std::byte value, std::size_t n) {
  const MutableBytes place = reserve(n);
  if (!place.empty()) std::memset(place.data(), std::to_integer<int>(value), place.size());
}

void ByteWriter::little(std::uint64_t v, std::size_t n) {
  for (std::byte& b : reserve(n)) {
    b = static_cast<std::byte>(v);
    v >>= 8;
  }
}

void ByteWriter::big(std::uint64_t v, std::size_t n) {
  const MutableBytes place = reserve(n);
  for (std::size_t i = place.size(); i-- > 0;) {
    place[i] = static_cast<std::byte>(v);
    v >>= 8;
  }
}

}  // namespace lockstep
