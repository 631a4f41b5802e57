// The last lines of a device's log, in RAM that somebody lends. In RAM that a reset does not clear they outlive it, so
// that the firmware after the reset can tell what the one before it had to say.
//
//   "LKR1" (4) | bytes ever written (4) | the same complemented (4) | the text, round and round
#pragma once

#include <cstdint>
#include <string_view>

#include "protocols/core/bytes.hpp"

namespace lockstep::agent {

// Positions count the bytes ever written.
class LogRing {
 public:
  static constexpr std::size_t head_size = 12;

  // Goes on with what is in `memory` when it is a log, else begins an empty one. `memory` is borrowed; at least 64 bytes.
  explicit LogRing(MutableBytes memory);

  void put(std::string_view text);
  void line(std::string_view text) {
    put(text);
    put({"\n", 1});
  }

  // What can be read, from the first byte of a line on. A quarter of the ring is held back, so that a reader who begins
  // there has time until it is overwritten.
  std::uint32_t begin() const;
  std::uint32_t end() const { return written_; }
  // The text from `position` on, at most `limit` bytes, maybe fewer: they lie in the ring. No bytes at the end, or when
  // they are overwritten: see has().
  Bytes read(std::uint32_t position, std::uint32_t limit) const;
  bool has(std::uint32_t position) const;

 private:
  std::uint32_t capacity() const { return static_cast<std::uint32_t>(text_.size()); }
  char at(std::uint32_t position) const { return static_cast<char>(text_[position % capacity()]); }
  void remember();

  MutableBytes head_;
  MutableBytes text_;
  std::uint32_t written_ = 0;
};

}  // namespace lockstep::agent
