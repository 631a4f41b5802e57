// A thread for planning, so that a search of seconds keeps neither the store nor the loop waiting.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace lockstep::jobs {

// What one question may search: some seconds at most, so that one hard question does not keep the others waiting.
inline constexpr std::uint64_t max_expansions = 300'000;

class PlanningThread {
 public:
  // Runs `function()` on its thread; once started it is finished. What it refers to must live until this returns.
  template <class F>
  boost::asio::awaitable<std::invoke_result_t<F&>> run(F function) {
    auto work = call(std::move(function));
    auto token = boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(), boost::asio::use_awaitable);
    auto result = co_await boost::asio::co_spawn(thread_.get_executor(), std::move(work), std::move(token));
    co_return *std::move(result);
  }

 private:
  // Optional, because co_spawn wants a result that can be made without a value.
  template <class F>
  static boost::asio::awaitable<std::optional<std::invoke_result_t<F&>>> call(F function) {
    co_return function();
  }

  boost::asio::thread_pool thread_{1};
};

}  // namespace lockstep::jobs
