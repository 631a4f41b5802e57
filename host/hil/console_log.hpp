// What a console said, from power-on until teardown: every byte in a file, the time of each read, and complete lines
// in memory for those who wait for one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "host/base/error.hpp"
#include "host/hil/result.hpp"
#include "protocols/core/bytes.hpp"

namespace lockstep::hil {

namespace asio = boost::asio;

struct ConsoleLine {
  std::string text;  // without line end; bytes that are no UTF-8 are shown as "\x1b"
  Moment at;         // when the read that completed it returned
};

class ConsoleLog {
 public:
  // Files: <run_dir>/console-<name>.log has the raw bytes, console-<name>.times one line per read
  // ("offset<TAB>microseconds since the run began<TAB>wall time") and one per note ("# power main on").
  // Errors: io.
  static Outcome<std::unique_ptr<ConsoleLog>> create(asio::any_io_executor executor, std::string name,
                                                     const std::string& run_dir, Moment run_start);

  // Raw bytes that were just read. A line longer than max_line is cut there. Errors: io (disk full ...).
  Outcome<void> append(Bytes bytes, Moment at);
  // A remark in the times file: power on, console opened.
  Outcome<void> note(std::string_view text, Moment at);
  // Ends the last line, which may lack its line end.
  void flush_line(Moment at);

  // Lines are numbered from 0 for the whole run; those before first_line() are in the file only.
  std::uint64_t first_line() const { return first_; }
  std::uint64_t next_line() const { return first_ + lines_.size(); }
  const ConsoleLine& line(std::uint64_t number) const { return lines_[static_cast<std::size_t>(number - first_)]; }
  // Text after the last line end: a prompt, or half a line.
  const std::string& partial() const { return partial_; }

  // Returns when something was appended, when wake() was called, or at `deadline`.
  asio::awaitable<void> changed(std::chrono::steady_clock::time_point deadline);
  void wake();

  // Where the next expectation begins to read.
  std::uint64_t cursor = 0;
  // Called for each complete line; may be empty.
  std::function<void(const ConsoleLine&)> on_line;

  const std::string& name() const { return name_; }

  static constexpr std::size_t max_line = 8192;
  static constexpr std::size_t max_lines = 20000;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  ConsoleLog(asio::any_io_executor executor, std::string name, Moment run_start);
  void take(char c, Moment at);

  std::string name_;
  Moment run_start_;
  std::unique_ptr<std::FILE, Close> raw_;
  std::unique_ptr<std::FILE, Close> times_;
  std::uint64_t written_ = 0;
  std::uint64_t first_ = 0;
  std::deque<ConsoleLine> lines_;
  std::string partial_;
  asio::steady_timer changed_;
};

}  // namespace lockstep::hil
