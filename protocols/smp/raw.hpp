// SMP over a serial line that nothing else uses: messages one after the other, without any framing.
// Specification: Zephyr Project documentation, "SMP Transport Specification", raw UART; MCUboot's serial recovery has
// the same. Only the header's length tells where a message ends, so a lost byte must be noticed by silence.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocols/core/bytes.hpp"
#include "protocols/smp/errc.hpp"
#include "protocols/smp/header.hpp"

namespace lockstep::smp {

// Silence inside a message after which the rest is not coming; then call on_gap().
inline constexpr std::uint32_t raw_gap_ms = 500;

class RawDecoder {
 public:
  enum class Kind : std::uint8_t {
    nothing,  // the byte was taken
    message,  // `bytes`: a whole message
    noise,    // `bytes`: one byte that can belong to no message
    dropped,  // a message that is too long for the buffer has ended, or a gap cut one: see `error`
  };
  struct Event {
    Kind kind = Kind::nothing;
    Bytes bytes{};  // valid until the next call
    Errc error = Errc::none;
  };

  // Messages up to buffer.size() fit. The buffer (header_size bytes at least) must outlive the decoder.
  explicit RawDecoder(MutableBytes buffer) : buffer_(buffer) {}

  Event feed(std::byte b);
  // Nothing came for raw_gap_ms: a message that has begun is dropped (bad_length).
  Event on_gap();
  // Whether a message has begun, so that silence matters.
  bool pending() const { return size_ != 0; }

 private:
  Event finish();

  MutableBytes buffer_;
  std::size_t size_ = 0;   // bytes of this message so far
  std::size_t total_ = 0;  // of the whole message, 0 until the header is complete
  std::byte noise_{};
};

}  // namespace lockstep::smp
