// What a protocol session asks its driver to do next. A session is a plain value without I/O and clock: the same
// class is driven over a link by host/session, by a script in tests, by a fuzzer, and on the device.
//
// A session S has:
//   using Error = <its enum>;                       // Error{} (0) is "none"
//   Action start();                                 // the first thing to do
//   Action on_sent();                               // after Action::send
//   Action on_message(Bytes message);               // after Action::receive, one whole message
//   Action on_timeout();                            // after Action::receive, nothing came in time
//   Error error() const;                            // how it ended, valid after Action::done
#pragma once

#include <cstdint>

#include "protocols/core/bytes.hpp"

namespace lockstep {

struct Action {
  enum class Kind : std::uint8_t {
    send,     // write `bytes` as one message, then call on_sent()
    receive,  // wait up to `timeout_ms` for one message, then call on_message() or on_timeout()
    done,     // stop; the session's error() tells how it ended
  };

  Kind kind = Kind::done;
  Bytes bytes{};                  // send: owned by the session, valid until the next call on it
  std::uint32_t timeout_ms = 0;   // receive

  static Action send(Bytes bytes) { return {.kind = Kind::send, .bytes = bytes}; }
  static Action receive(std::uint32_t timeout_ms) { return {.kind = Kind::receive, .timeout_ms = timeout_ms}; }
  static Action done() { return {}; }
};

}  // namespace lockstep
