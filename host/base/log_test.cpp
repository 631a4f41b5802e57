#include "host/base/log.hpp"

#include <doctest/doctest.h>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <stdexcept>
#include <vector>

#include "host/base/supervise.hpp"

namespace lockstep {
namespace {

struct Captured {
  Captured() {
    set_log_sink([this](LogLevel, std::string_view line) { lines.emplace_back(line); });
  }
  ~Captured() {
    set_log_sink(nullptr);
    set_log_level(LogLevel::info);
  }
  std::vector<std::string> lines;
};

std::string without_time(const std::string& line) { return line.substr(line.find("level=")); }

TEST_CASE("a line has time, level, event and the fields in their order") {
  const std::string line =
      format_log_line(LogLevel::warning, "job.state", {{"job", "job-1"}, {"tries", 3}, {"last", false}});
  CHECK(line.starts_with("time=20"));
  CHECK(without_time(line) == "level=warning event=job.state job=job-1 tries=3 last=false");
}

TEST_CASE("a value cannot forge fields or lines") {
  const std::string line = format_log_line(
      LogLevel::info, "device.says", {{"text", "x level=error\nevent=\"fake\" \\ \x1b[0m"}, {"empty", ""}});
  CHECK(
      without_time(line) ==
      "level=info event=device.says text=\"x level=error\\x0aevent=\\\"fake\\\" \\\\ \\x1b[0m\" empty=\"\"");
}

TEST_CASE("lines below the level are dropped") {
  Captured captured;
  log_event(LogLevel::debug, "a");
  log_event(LogLevel::info, "b");
  set_log_level(LogLevel::error);
  log_event(LogLevel::warning, "c");
  log_event(LogLevel::error, "d");
  REQUIRE(captured.lines.size() == 2);
  CHECK(captured.lines[0].ends_with("event=b"));
  CHECK(captured.lines[1].ends_with("event=d"));
}

asio::awaitable<void> throws_text() {
  throw std::runtime_error("lost my way");
  co_return;
}

asio::awaitable<void> throws_cancelled() {
  throw boost::system::system_error(asio::error::operation_aborted);
  co_return;
}

asio::awaitable<void> returns() { co_return; }

TEST_CASE("an exception that escapes a coroutine is logged, its cancellation is not") {
  Captured captured;
  asio::io_context loop;
  supervise(loop.get_executor(), "good", returns());
  supervise(loop.get_executor(), "stopped", throws_cancelled());
  supervise(loop.get_executor(), "bad", throws_text());
  loop.run();
  REQUIRE(captured.lines.size() == 1);
  CHECK(without_time(captured.lines[0]) == "level=error event=task.died task=bad reason=\"lost my way\"");
}

}  // namespace
}  // namespace lockstep
