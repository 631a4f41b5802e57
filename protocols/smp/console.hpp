// SMP over a text console that other output shares: each message becomes lines of base64, each line starts with a
// marker that no text has and ends with a newline.
// Specification: Zephyr Project documentation, "SMP Transport Specification", section "UART/serial and console".
//   first line: 06 09 base64 0a | further lines: 04 14 base64 0a; a line is at most 127 bytes with marker and newline
//   the lines decode to: length of what follows (16 bit, big endian) | message | CRC-16/XMODEM of the message
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/smp/errc.hpp"

namespace lockstep::smp {

inline constexpr std::size_t console_line_size = 127;
// Bytes that one full line carries before base64: 127 less marker and newline, in groups of four characters.
inline constexpr std::size_t console_line_payload = (console_line_size - 3) / 4 * 3;
// Bytes that a decoder's buffer needs beside the message: the checksum.
inline constexpr std::size_t console_overhead = 2;

// Bytes on the wire for a message of that size.
constexpr std::size_t console_encoded_size(std::size_t message_size) {
  const std::size_t packet = message_size + 4;
  const std::size_t lines = (packet + console_line_payload - 1) / console_line_payload;
  const std::size_t last = packet - (lines - 1) * console_line_payload;
  return (lines - 1) * (3 + console_line_payload / 3 * 4) + 3 + (last + 2) / 3 * 4;
}

// The message as lines in `out`, to be written as they are; a view into `out`.
// Error: too_long when `out` is smaller than console_encoded_size(message.size()) or the message above 65,533 bytes.
Result<Bytes, Errc> encode_console(Bytes message, MutableBytes out);

// Takes a console's bytes one by one; finds the messages between log lines, prompts and broken frames.
class ConsoleDecoder {
 public:
  enum class Kind : std::uint8_t {
    nothing,  // the byte was taken, there is nothing to report yet
    log,      // `bytes`: one or two bytes that belong to no frame, for the console's log
    message,  // `bytes`: a whole message with a right checksum
    dropped,  // a frame ended that is no good: `error` is bad_crc, bad_encoding or too_long; `bytes`: the byte that
              // ended it when that belongs to the log, else empty
  };
  struct Event {
    Kind kind = Kind::nothing;
    Bytes bytes{};  // valid until the next call
    Errc error = Errc::none;
  };

  // Messages up to buffer.size() - console_overhead fit; longer ones are dropped, the next one is found again. Lines
  // may be longer than console_line_size: some servers write 512 bytes. The buffer must outlive the decoder.
  explicit ConsoleDecoder(MutableBytes buffer) : buffer_(buffer) {}

  Event feed(std::byte b);
  // Forgets a frame that has begun (the link was opened anew).
  void reset();

 private:
  enum class State : std::uint8_t {
    text,     // outside of frames
    marker,   // the first byte of a marker came
    payload,  // inside a frame's line
    ignored,  // inside a line whose frame is lost already
  };

  Event on_text(std::byte b);
  Event on_marker(std::byte b);
  Event on_payload(std::byte b);
  Event on_ignored(std::byte b);
  Event begin_line();
  Event end_line();
  Event finish();
  Event drop(Errc e, State next);
  Event log(std::size_t count);
  Errc take_character(std::byte b);  // none, bad_encoding or too_long
  Errc put(std::uint8_t value);

  MutableBytes buffer_;
  State state_ = State::text;
  std::byte marker_{};              // the first byte of a marker
  std::array<std::byte, 2> log_{};
  bool in_frame_ = false;           // a first line came and its message is not complete
  std::uint32_t bits_ = 0;          // of the base64 group that is being collected
  std::uint8_t characters_ = 0;     // in that group, padding included
  std::uint8_t padding_ = 0;        // '=' in that group
  std::size_t packet_ = 0;          // bytes of the packet so far, its length field included
  std::size_t length_ = 0;          // the length field: message and checksum
};

}  // namespace lockstep::smp
