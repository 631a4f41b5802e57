#include "device/sim/stream_port.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "device/sim/flip_bit.hpp"

namespace lockstep::sim {
namespace {

constexpr std::size_t log_limit = 2048;     // bytes waiting above which log lines are dropped
constexpr std::size_t answer_limit = 65536;  // ... and above which answers are

bool is_temporary(int code) { return code == EAGAIN || code == EWOULDBLOCK || code == EINTR; }

}  // namespace

bool StreamPort::serve(int file, const Endpoint::Handler& handler) {
  std::array<std::byte, 4096> bytes;
  while (true) {
    const ssize_t n = ::read(file, bytes.data(), bytes.size());
    if (n == 0) return false;
    if (n < 0) {
      if (!is_temporary(errno)) return false;
      return flush(file);
    }
    on_bytes();
    for (const std::byte b : Bytes(bytes).first(static_cast<std::size_t>(n))) {
      const Bytes request = feed(b);
      if (!request.empty()) send(handler(request));
    }
    if (!flush(file)) return false;
  }
}

void StreamPort::send(Bytes message, std::optional<std::uint64_t> wrong_bit) {
  if (message.empty() || outgoing_.size() - sent_ > answer_limit) return;
  const std::size_t begin = outgoing_.size();
  encode(message, outgoing_);
  if (wrong_bit && outgoing_.size() > begin) flip_bit(MutableBytes(outgoing_).subspan(begin), *wrong_bit);
}

void StreamPort::queue(Bytes bytes, std::size_t limit) {
  if (outgoing_.size() - sent_ <= limit) outgoing_.insert(outgoing_.end(), bytes.begin(), bytes.end());
}

bool StreamPort::flush(int file) {
  while (wants_to_write()) {
    const ssize_t n = ::write(file, outgoing_.data() + sent_, outgoing_.size() - sent_);
    if (n < 0) return is_temporary(errno);
    sent_ += static_cast<std::size_t>(n);
  }
  outgoing_.clear();
  sent_ = 0;
  return true;
}

void StreamPort::reset() {
  forget();
  outgoing_.clear();
  sent_ = 0;
}

Bytes ConsolePort::feed(std::byte b) {
  const auto event = decoder_.feed(b);
  return event.kind == smp::ConsoleDecoder::Kind::message ? event.bytes : Bytes{};
}

void ConsolePort::encode(Bytes message, Buffer& out) {
  const std::size_t begin = out.size();
  out.resize(begin + smp::console_encoded_size(message.size()));
  const auto lines = smp::encode_console(message, MutableBytes(out).subspan(begin));
  out.resize(lines ? begin + lines->size() : begin);
}

void ConsolePort::log(const std::string& line) { queue(as_bytes(line + "\r\n"), log_limit); }

// No timer runs: that the rest of a message did not come in time matters only when something else does.
void RawPort::on_bytes() {
  const auto now = Clock::now();
  if (now - last_bytes_ > std::chrono::milliseconds(smp::raw_gap_ms)) (void)decoder_.on_gap();
  last_bytes_ = now;
}

Bytes RawPort::feed(std::byte b) {
  const auto event = decoder_.feed(b);
  return event.kind == smp::RawDecoder::Kind::message ? event.bytes : Bytes{};
}

}  // namespace lockstep::sim
