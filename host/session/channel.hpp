// Whole SMP messages over a link: the framing is put on and taken off here, and what the device prints
// between messages goes to a log sink.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/link/link.hpp"

namespace lockstep::session {

namespace asio = boost::asio;

// Called for every complete line (without its line end) that a device printed between messages, as it came
// off the wire: any bytes may be in it. The view is valid during the call. Must not destroy the channel.
using LineSink = std::function<void(std::string_view line)>;

// Cuts messages out of the bytes of one link and puts them in; one per framing (framer_for).
class Framer {
 public:
  virtual ~Framer() = default;
  // The bytes to write for `message`; valid until the next call. Empty when the message does not fit the
  // framing.
  virtual Bytes encode(Bytes message) = 0;
  // Takes bytes off the front of `input` until a message is complete; the message is valid until the next
  // call.
  virtual std::optional<Bytes> next(Bytes& input) = 0;
  // How long silence may last now before reset() is due; nothing when silence means nothing.
  virtual std::optional<std::chrono::milliseconds> patience() const { return std::nullopt; }
  // Forgets a message that began and did not end: the next byte starts afresh.
  virtual void reset() = 0;
};

// The framer for a kind of framing; log lines that it finds go to `log`.
std::unique_ptr<Framer> framer_for(link::Framing framing, LineSink log);

class Channel {
 public:
  using Clock = std::chrono::steady_clock;

  // Largest message that a device may send, in bytes. Zephyr's largest buffer in the field is 2,048.
  static constexpr std::size_t max_message = 16 * 1024;

  Channel(std::unique_ptr<link::Link> link, link::Framing framing, LineSink log = {});
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  // Sends one whole message, within `write_timeout` (a pty whose reader stopped would block for ever).
  // `message` is borrowed until the coroutine ends.
  asio::awaitable<Outcome<void>> send(Bytes message);

  // The next whole message, or nothing when none came before `deadline`. The view is valid until the next
  // call. Bytes that came are never lost by a deadline or a cancellation; half a message is kept.
  asio::awaitable<Outcome<std::optional<Bytes>>> receive(Clock::time_point deadline);

  void close();
  const std::string& name() const;
  // Largest message in bytes that one packet of the link carries; 0 when there is no such limit.
  std::size_t max_datagram() const;

  std::chrono::milliseconds write_timeout{10'000};

 private:
  asio::awaitable<Outcome<void>> fill();

  std::unique_ptr<link::Link> link_;
  std::unique_ptr<Framer> framer_;
  std::vector<std::byte> input_;  // what was read and not yet taken: input_[begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Opens the link that `uri` names (at most ten seconds) and puts its framing over it.
asio::awaitable<Outcome<std::unique_ptr<Channel>>> open_channel(asio::any_io_executor executor,
                                                                link::LinkUri uri, LineSink log = {},
                                                                link::LinkOpener opener = link::open_link);

}  // namespace lockstep::session
