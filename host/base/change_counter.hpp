// Counts changes and wakes coroutines that wait for one. Never carries data, so a missed one loses nothing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <set>

namespace lockstep {

class ChangeCounter {
 public:
  explicit ChangeCounter(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  std::uint64_t value() const { return value_; }

  void bump() {
    ++value_;
    for (boost::asio::steady_timer* waiter : waiters_) waiter->cancel();
  }

  // Wakes everybody although nothing changed, and lets nobody wait any more: the process is about to stop.
  void close() {
    closed_ = true;
    for (boost::asio::steady_timer* waiter : waiters_) waiter->cancel();
  }

  // Returns when value() is greater than `seen`, or when `limit` is over.
  boost::asio::awaitable<void> wait_beyond(std::uint64_t seen, std::chrono::milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    while (!closed_ && value_ <= seen && std::chrono::steady_clock::now() < until) {
      Waiter waiter(*this, until);
      co_await waiter.timer.async_wait(token);
    }
  }

 private:
  // Leaves the set also when the coroutine is destroyed while it waits.
  struct Waiter {
    Waiter(ChangeCounter& owner, std::chrono::steady_clock::time_point until)
        : counter(owner), timer(owner.executor_, until) {
      counter.waiters_.insert(&timer);
    }
    ~Waiter() { counter.waiters_.erase(&timer); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ChangeCounter& counter;
    boost::asio::steady_timer timer;
  };

  boost::asio::any_io_executor executor_;
  std::uint64_t value_ = 0;
  bool closed_ = false;
  std::set<boost::asio::steady_timer*> waiters_;
};

}  // namespace lockstep
