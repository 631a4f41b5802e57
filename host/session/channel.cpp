#include "host/session/channel.hpp"

#include <algorithm>

#include "host/link/deadline.hpp"

namespace lockstep::session {

using link::before;

Channel::Channel(std::unique_ptr<link::Link> link, link::Framing framing, LineSink log)
    : link_(std::move(link)), framer_(framer_for(framing, std::move(log))), input_(max_message) {}

Channel::~Channel() = default;

asio::awaitable<Outcome<void>> Channel::send(Bytes message) {
  const Bytes bytes = framer_->encode(message);
  if (bytes.empty())
    co_return fail(ErrorKind::invalid,
                   name() + ": a message of " + std::to_string(message.size()) + " bytes is too long");
  const auto deadline = Clock::now() + write_timeout;
  auto written = co_await before(deadline, link_->write_all(bytes));
  if (!written) co_return Fail(std::move(written).error());
  if (!*written) co_return fail(ErrorKind::unreachable, name() + ": the other end takes no more bytes");
  co_return Outcome<void>();
}

// Notes what was read in the members themselves, so that nothing is lost when a deadline ends the wait in the
// same turn of the loop.
asio::awaitable<Outcome<void>> Channel::fill() {
  auto count = co_await link_->read_some(input_);
  if (!count) co_return Fail(std::move(count).error());
  begin_ = 0;
  end_ = *count;
  co_return Outcome<void>();
}

asio::awaitable<Outcome<std::optional<Bytes>>> Channel::receive(Clock::time_point deadline) {
  for (;;) {
    Bytes input = Bytes(input_).subspan(begin_, end_ - begin_);
    const auto message = framer_->next(input);
    begin_ = end_ - input.size();
    if (message) co_return message;
    if (Clock::now() >= deadline) co_return std::optional<Bytes>();  // also when a device babbles without end
    const auto patience = framer_->patience();
    const auto until = patience ? std::min(deadline, Clock::now() + *patience) : deadline;
    auto filled = co_await before(until, fill());
    if (!filled) co_return Fail(std::move(filled).error());
    const bool silent = begin_ == end_;
    if (silent && until != deadline) framer_->reset();
  }
}

void Channel::close() { link_->close(); }

const std::string& Channel::name() const { return link_->name(); }

std::size_t Channel::max_datagram() const { return link_->max_datagram(); }

asio::awaitable<Outcome<std::unique_ptr<Channel>>> open_channel(asio::any_io_executor executor,
                                                                link::LinkUri uri, LineSink log,
                                                                link::LinkOpener opener) {
  const auto deadline = Channel::Clock::now() + std::chrono::seconds(10);
  auto opened = co_await before(deadline, opener(executor, uri));
  if (!opened) co_return Fail(std::move(opened).error());
  if (!*opened) co_return fail(ErrorKind::unreachable, to_string(uri) + ": connecting took too long");
  std::unique_ptr<link::Link> link = **std::move(opened);
  co_return std::make_unique<Channel>(std::move(link), uri.framing, std::move(log));
}

}  // namespace lockstep::session
