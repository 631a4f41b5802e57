// One byte stream with console framing on it: finds requests, queues answers and log lines.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "device/sim/endpoint.hpp"
#include "host/base/buffer.hpp"
#include "protocols/smp/console.hpp"

namespace lockstep::sim {

class ConsolePort {
 public:
  explicit ConsolePort(std::size_t message_limit)
      : incoming_(message_limit + smp::console_overhead), decoder_(incoming_) {}

  // Reads what is there from a non-blocking descriptor, answers, and writes. False: the other end hung up.
  bool serve(int file, const Endpoint::Handler& handler);
  // Queues a message, dropped while very much is waiting. `wrong_bit`: of the encoded message, modulo its bits, is
  // turned over on the wire, so that the other end's check of the frame fails.
  void send(Bytes message, std::optional<std::uint64_t> wrong_bit = {});
  // Queues a line; dropped while much is waiting already.
  void log(const std::string& line);
  // Writes what is queued, as far as the descriptor takes it.
  bool flush(int file);
  bool wants_to_write() const { return sent_ < outgoing_.size(); }
  // Forgets half-received and queued bytes: another client came.
  void reset();

 private:
  Buffer incoming_;
  smp::ConsoleDecoder decoder_;
  Buffer outgoing_;
  std::size_t sent_ = 0;
};

}  // namespace lockstep::sim
