#include "device/sim/console_port.hpp"

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

bool ConsolePort::serve(int file, const Endpoint::Handler& handler) {
  std::array<std::byte, 4096> bytes;
  while (true) {
    const ssize_t n = ::read(file, bytes.data(), bytes.size());
    if (n == 0) return false;
    if (n < 0) {
      if (!is_temporary(errno)) return false;
      return flush(file);
    }
    for (const std::byte b : Bytes(bytes).first(static_cast<std::size_t>(n))) {
      const auto event = decoder_.feed(b);
      if (event.kind == smp::ConsoleDecoder::Kind::message) send(handler(event.bytes));
    }
    if (!flush(file)) return false;
  }
}

void ConsolePort::send(Bytes message, std::optional<std::uint64_t> wrong_bit) {
  if (message.empty() || outgoing_.size() - sent_ > answer_limit) return;
  const std::size_t begin = outgoing_.size();
  outgoing_.resize(begin + smp::console_encoded_size(message.size()));
  const auto lines = smp::encode_console(message, MutableBytes(outgoing_).subspan(begin));
  outgoing_.resize(lines ? begin + lines->size() : begin);
  if (wrong_bit && lines) flip_bit(MutableBytes(outgoing_).subspan(begin), *wrong_bit);
}

void ConsolePort::log(const std::string& line) {
  if (outgoing_.size() - sent_ > log_limit) return;
  const Bytes bytes = as_bytes(line);
  outgoing_.insert(outgoing_.end(), bytes.begin(), bytes.end());
  outgoing_.push_back(std::byte{'\r'});
  outgoing_.push_back(std::byte{'\n'});
}

bool ConsolePort::flush(int file) {
  while (wants_to_write()) {
    const ssize_t n = ::write(file, outgoing_.data() + sent_, outgoing_.size() - sent_);
    if (n < 0) return is_temporary(errno);
    sent_ += static_cast<std::size_t>(n);
  }
  outgoing_.clear();
  sent_ = 0;
  return true;
}

void ConsolePort::reset() {
  decoder_.reset();
  outgoing_.clear();
  sent_ = 0;
}

}  // namespace lockstep::sim
