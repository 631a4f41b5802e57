// Wakes coroutines that wait for "something changed"; never carries data, so a missed one loses nothing.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <set>

namespace lockstep::api {

class Signal {
 public:
  explicit Signal(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void notify() {
    for (boost::asio::steady_timer* waiter : waiters_) waiter->cancel();
  }

  // Returns when notified or when `limit` is over.
  boost::asio::awaitable<void> wait(std::chrono::milliseconds limit) {
    Waiter waiter(*this, limit);
    constexpr auto token = boost::asio::as_tuple(boost::asio::use_awaitable);
    co_await waiter.timer.async_wait(token);
  }

 private:
  // Leaves the set also when the coroutine is destroyed while it waits.
  struct Waiter {
    Waiter(Signal& owner, std::chrono::milliseconds limit) : signal(owner), timer(owner.executor_, limit) {
      signal.waiters_.insert(&timer);
    }
    ~Waiter() { signal.waiters_.erase(&timer); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    Signal& signal;
    boost::asio::steady_timer timer;
  };

  boost::asio::any_io_executor executor_;
  std::set<boost::asio::steady_timer*> waiters_;
};

}  // namespace lockstep::api
