#include "host/hil/console_tap.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lockstep::hil {

class LinkConsole::Shared {
 public:
  explicit Shared(asio::any_io_executor executor) : arrived(executor) {}

  // What a link that nobody reads may pile up.
  static constexpr std::size_t max_waiting = 256 * 1024;

  void give(Bytes bytes) {
    if (!tapped) return;
    waiting.insert(waiting.end(), bytes.begin(), bytes.end());
    if (waiting.size() > max_waiting) waiting.erase(waiting.begin(), waiting.end() - static_cast<std::ptrdiff_t>(max_waiting));
    arrived.cancel();
  }

  std::unique_ptr<link::Link> link;  // null while closed
  bool tapped = false;
  std::deque<std::byte> waiting;
  asio::steady_timer arrived;
};

class LinkConsole::Tap final : public link::Link {
 public:
  Tap(std::shared_ptr<Shared> shared, std::string name) : shared_(std::move(shared)), name_(std::move(name)) {
    shared_->tapped = true;
    shared_->waiting.clear();
  }
  ~Tap() override { close(); }

  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes into) override {
    while (shared_ && shared_->waiting.empty()) {
      if (!shared_->link) co_return fail(ErrorKind::unreachable, name_ + ": the console closed");
      shared_->arrived.expires_at(std::chrono::steady_clock::time_point::max());
      co_await shared_->arrived.async_wait(asio::as_tuple(asio::use_awaitable));
      const auto cancellation = co_await asio::this_coro::cancellation_state;
      if (cancellation.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, name_ + ": stopped");
    }
    if (!shared_) co_return fail(ErrorKind::unreachable, name_ + ": closed");
    const std::size_t n = std::min(into.size(), shared_->waiting.size());
    const auto end = shared_->waiting.begin() + static_cast<std::ptrdiff_t>(n);
    std::copy(shared_->waiting.begin(), end, into.begin());
    shared_->waiting.erase(shared_->waiting.begin(), end);
    co_return n;
  }

  asio::awaitable<Outcome<void>> write_all(Bytes bytes) override {
    if (!shared_ || !shared_->link) co_return fail(ErrorKind::unreachable, name_ + ": the console closed");
    co_return co_await shared_->link->write_all(bytes);
  }

  void close() override {
    if (!shared_) return;
    shared_->tapped = false;
    shared_->arrived.cancel();
    shared_.reset();
  }

  const std::string& name() const override { return name_; }

 private:
  std::shared_ptr<Shared> shared_;  // see LinkConsole; null once closed
  std::string name_;
};

LinkConsole::LinkConsole(asio::any_io_executor executor, std::string name, link::LinkUri uri, link::LinkOpener opener)
    : executor_(executor), name_(std::move(name)), uri_(std::move(uri)), opener_(std::move(opener)),
      shared_(std::make_shared<Shared>(executor)) {}

asio::awaitable<Outcome<void>> LinkConsole::open(std::chrono::milliseconds within) {
  const auto give_up = std::chrono::steady_clock::now() + within;
  for (;;) {
    auto link = co_await opener_(executor_, uri_);
    if (link) {
      shared_->link = std::move(*link);
      co_return Outcome<void>();
    }
    if (std::chrono::steady_clock::now() >= give_up) co_return Fail(link.error());
    // The board makes its socket in its own time after power-on.
    asio::steady_timer pause(executor_, std::chrono::milliseconds(10));
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

asio::awaitable<Outcome<std::size_t>> LinkConsole::read_some(MutableBytes buffer) {
  if (!shared_->link) co_return fail(ErrorKind::unreachable, "not open");
  auto got = co_await shared_->link->read_some(buffer);
  if (got) {
    shared_->give(Bytes(buffer).first(*got));
  } else {
    shared_->link.reset();
    shared_->arrived.cancel();
  }
  co_return got;
}

// The reader sees the end and drops the link: it must not be destroyed under its read.
void LinkConsole::close() {
  if (shared_->link) shared_->link->close();
}

asio::awaitable<Outcome<std::unique_ptr<link::Link>>> LinkConsole::share() {
  if (!shared_->link) co_return fail(ErrorKind::unreachable, "console " + name_ + " is not open");
  if (shared_->tapped) co_return fail(ErrorKind::conflict, "console " + name_ + " already carries a link");
  co_return std::unique_ptr<link::Link>(std::make_unique<Tap>(shared_, "console " + name_));
}

}  // namespace lockstep::hil
