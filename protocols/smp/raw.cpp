#include "protocols/smp/raw.hpp"

namespace lockstep::smp {
namespace {

// Whether a message can begin with this byte: no reserved bits, version v1 or v2, an operation that exists.
constexpr bool begins_message(std::byte b) { return (std::to_integer<unsigned>(b) & 0xf4u) == 0; }

}  // namespace

RawDecoder::Event RawDecoder::feed(std::byte b) {
  if (size_ == 0 && !begins_message(b)) {
    noise_ = b;
    return {.kind = Kind::noise, .bytes = {&noise_, 1}};
  }
  if (size_ < buffer_.size()) buffer_[size_] = b;
  ++size_;
  if (size_ == header_size) {
    const auto header = decode_header(buffer_);
    total_ = header_size + (header ? header->length : 0u);
  }
  if (total_ == 0 || size_ < total_) return {};
  return finish();
}

RawDecoder::Event RawDecoder::finish() {
  const std::size_t size = size_;
  size_ = total_ = 0;
  if (size > buffer_.size()) return {.kind = Kind::dropped, .error = Errc::too_long};
  return {.kind = Kind::message, .bytes = Bytes(buffer_).first(size)};
}

RawDecoder::Event RawDecoder::on_gap() {
  if (!pending()) return {};
  size_ = total_ = 0;
  return {.kind = Kind::dropped, .error = Errc::bad_length};
}

}  // namespace lockstep::smp
