// One byte stream with SMP on it: finds requests, queues answers, and log lines where there is a place for them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "device/sim/endpoint.hpp"
#include "host/base/buffer.hpp"
#include "protocols/smp/console.hpp"
#include "protocols/smp/raw.hpp"

namespace lockstep::sim {

class StreamPort {
 public:
  virtual ~StreamPort() = default;

  // Reads what is there from a non-blocking descriptor, answers, and writes. False: the other end hung up.
  bool serve(int file, const Endpoint::Handler& handler);
  // Queues a message, dropped while very much is waiting. `wrong_bit`: of the encoded message, modulo its bits, is
  // turned over on the wire.
  void send(Bytes message, std::optional<std::uint64_t> wrong_bit = {});
  // Queues a line; dropped while much is waiting already.
  virtual void log(const std::string& line) = 0;
  // Writes what is queued, as far as the descriptor takes it.
  bool flush(int file);
  bool wants_to_write() const { return sent_ < outgoing_.size(); }
  // Forgets half-received and queued bytes: another client came.
  void reset();

 protected:
  // Called before bytes that just came are fed.
  virtual void on_bytes() {}
  // A whole message once its last byte was fed, else nothing; valid until the next call.
  virtual Bytes feed(std::byte b) = 0;
  // Appends the message with its framing to `out`.
  virtual void encode(Bytes message, Buffer& out) = 0;
  virtual void forget() = 0;
  // Queues bytes as they are, unless more than `limit` are waiting.
  void queue(Bytes bytes, std::size_t limit);

 private:
  Buffer outgoing_;
  std::size_t sent_ = 0;
};

class ConsolePort final : public StreamPort {
 public:
  explicit ConsolePort(std::size_t message_limit)
      : incoming_(message_limit + smp::console_overhead), decoder_(incoming_) {}

  void log(const std::string& line) override;

 private:
  Bytes feed(std::byte b) override;
  void encode(Bytes message, Buffer& out) override;
  void forget() override { decoder_.reset(); }

  Buffer incoming_;
  smp::ConsoleDecoder decoder_;
};

// Nothing but messages: the log has no place here.
class RawPort final : public StreamPort {
 public:
  explicit RawPort(std::size_t message_limit) : incoming_(message_limit), decoder_(incoming_) {}

  void log(const std::string&) override {}

 private:
  using Clock = std::chrono::steady_clock;

  void on_bytes() override;
  Bytes feed(std::byte b) override;
  void encode(Bytes message, Buffer& out) override { out.insert(out.end(), message.begin(), message.end()); }
  void forget() override { (void)decoder_.on_gap(); }

  Buffer incoming_;
  smp::RawDecoder decoder_;
  Clock::time_point last_bytes_{};
};

}  // namespace lockstep::sim
