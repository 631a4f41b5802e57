// Starts a coroutine that nobody waits for, without losing what goes wrong in it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <string>

namespace lockstep {

namespace asio = boost::asio;

// Runs the coroutine on the executor. An escaping exception is logged as event=task.died with the name (which
// asio::detached would swallow); cancellation at shutdown is not an error and is not logged.
// The coroutine takes values only: its arguments must outlive the caller.
void supervise(const asio::any_io_executor& executor, std::string name, asio::awaitable<void> task);

}  // namespace lockstep
