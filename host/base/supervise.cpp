#include "host/base/supervise.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

#include "host/base/log.hpp"

namespace lockstep {
namespace {

void report(const std::string& name, const std::exception_ptr& escaped) {
  try {
    std::rethrow_exception(escaped);
  } catch (const boost::system::system_error& e) {
    if (e.code() == asio::error::operation_aborted) return;
    log_event(LogLevel::error, "task.died", {{"task", name}, {"reason", e.what()}});
  } catch (const std::exception& e) {
    log_event(LogLevel::error, "task.died", {{"task", name}, {"reason", e.what()}});
  } catch (...) {
    log_event(LogLevel::error, "task.died", {{"task", name}, {"reason", "an unknown exception"}});
  }
}

}  // namespace

void supervise(const asio::any_io_executor& executor, std::string name, asio::awaitable<void> task) {
  asio::co_spawn(executor, std::move(task), [name = std::move(name)](const std::exception_ptr& escaped) {
    if (escaped) report(name, escaped);
  });
}

}  // namespace lockstep
