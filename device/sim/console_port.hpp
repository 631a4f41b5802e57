// One byte stream with console framing on it: finds requests, queues answers and log lines.
#pragma once

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
  // Queues a line; dropped while much is waiting already.
  void log(const std::string& line);
  // Writes what is queued, as far as the descriptor takes it.
  bool flush(int file);
  bool wants_to_write() const { return sent_ < outgoing_.size(); }
  // Forgets half-received and queued bytes: another client came.
  void reset();

 private:
  void answer(Bytes message);

  Buffer incoming_;
  smp::ConsoleDecoder decoder_;
  Buffer outgoing_;
  std::size_t sent_ = 0;
};

}  // namespace lockstep::sim
