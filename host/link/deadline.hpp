// Deadlines for awaitables: the operation races against a timer, and the loser is cancelled and waited for.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include "host/base/error.hpp"
#include "host/link/link.hpp"

namespace lockstep::link {

// The value of an operation that came in time; without a value, whether it came in time.
template <class T>
using InTime = std::conditional_t<std::is_void_v<T>, bool, std::optional<T>>;

// Awaits `op` until `deadline`. In time: its value (true for void) or its error. Late: nothing (false), after
// `op` was cancelled and has ended; what it did until then it did. The caller cancelled:
// ErrorKind::cancelled.
template <class T>
asio::awaitable<Outcome<InTime<T>>> before(std::chrono::steady_clock::time_point deadline,
                                           asio::awaitable<Outcome<T>> op) {
  using namespace asio::experimental::awaitable_operators;
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, deadline);
  auto wait = timer.async_wait(asio::as_tuple(asio::use_awaitable));
  auto first = co_await (std::move(op) || std::move(wait));
  const auto cancellation = co_await asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != asio::cancellation_type::none)
    co_return fail(ErrorKind::cancelled, "stopped");
  if (first.index() == 1) co_return InTime<T>();
  Outcome<T> outcome = std::get<0>(std::move(first));
  if (!outcome) co_return Fail(std::move(outcome).error());
  if constexpr (std::is_void_v<T>)
    co_return true;
  else
    co_return InTime<T>(*std::move(outcome));
}

// Waits; ErrorKind::cancelled when the caller was cancelled meanwhile.
inline asio::awaitable<Outcome<void>> sleep_for(std::chrono::steady_clock::duration time) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, time);
  auto [code] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  if (code) co_return fail(ErrorKind::cancelled, "stopped");
  co_return Outcome<void>();
}

}  // namespace lockstep::link
