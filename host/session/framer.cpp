#include <string>

#include "host/session/channel.hpp"
#include "protocols/smp/console.hpp"
#include "protocols/smp/header.hpp"
#include "protocols/smp/raw.hpp"

namespace lockstep::session {
namespace {

// Puts a device's output together to lines. A device that never ends its line gets it ended for it.
class LineMaker {
 public:
  explicit LineMaker(LineSink sink) : sink_(std::move(sink)) {}

  void take(Bytes bytes) {
    for (const char c : as_text(bytes)) {
      if (c == '\n')
        end();
      else
        line_ += c;
      if (line_.size() == longest) end();
    }
  }

 private:
  static constexpr std::size_t longest = 1024;

  void end() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (sink_) sink_(line_);
    line_.clear();
  }

  LineSink sink_;
  std::string line_;
};

class ConsoleFramer final : public Framer {
 public:
  explicit ConsoleFramer(LineSink log)
      : lines_(std::move(log)), buffer_(Channel::max_message + smp::console_overhead), decoder_(buffer_) {}

  Bytes encode(Bytes message) override {
    output_.resize(smp::console_encoded_size(message.size()));
    const auto lines = smp::encode_console(message, output_);
    return lines ? *lines : Bytes();
  }

  std::optional<Bytes> next(Bytes& input) override {
    while (!input.empty()) {
      const auto event = decoder_.feed(input.front());
      input = input.subspan(1);
      using Kind = smp::ConsoleDecoder::Kind;
      if (event.kind == Kind::log) lines_.take(event.bytes);
      if (event.kind == Kind::message) return event.bytes;
      // A dropped frame needs no word here: the session that waits for it asks again.
    }
    return std::nullopt;
  }

  void reset() override { decoder_.reset(); }

 private:
  LineMaker lines_;
  std::vector<std::byte> buffer_;
  std::vector<std::byte> output_;
  smp::ConsoleDecoder decoder_;
};

class RawFramer final : public Framer {
 public:
  explicit RawFramer(LineSink log)
      : lines_(std::move(log)), buffer_(Channel::max_message), decoder_(buffer_) {}

  Bytes encode(Bytes message) override { return message; }

  std::optional<Bytes> next(Bytes& input) override {
    while (!input.empty()) {
      const auto event = decoder_.feed(input.front());
      input = input.subspan(1);
      using Kind = smp::RawDecoder::Kind;
      if (event.kind == Kind::noise) lines_.take(event.bytes);
      if (event.kind == Kind::message) return event.bytes;
    }
    return std::nullopt;
  }

  std::optional<std::chrono::milliseconds> patience() const override {
    if (!decoder_.pending()) return std::nullopt;
    return std::chrono::milliseconds(smp::raw_gap_ms);
  }

  void reset() override { (void)decoder_.on_gap(); }

 private:
  LineMaker lines_;
  std::vector<std::byte> buffer_;
  smp::RawDecoder decoder_;
};

// A packet is a message; the channel reads one packet at a time.
class DatagramFramer final : public Framer {
 public:
  Bytes encode(Bytes message) override { return message; }
  std::optional<Bytes> next(Bytes& input) override {
    const Bytes packet = std::exchange(input, Bytes());
    if (packet.size() < smp::header_size) return std::nullopt;
    return packet;
  }
  void reset() override {}
};

}  // namespace

std::unique_ptr<Framer> framer_for(link::Framing framing, LineSink log) {
  switch (framing) {
    case link::Framing::console:
      return std::make_unique<ConsoleFramer>(std::move(log));
    case link::Framing::raw:
      return std::make_unique<RawFramer>(std::move(log));
    case link::Framing::datagram:
      return std::make_unique<DatagramFramer>();
  }
  return nullptr;
}

}  // namespace lockstep::session
