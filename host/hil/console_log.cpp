#include "host/hil/console_log.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "host/base/text.hpp"

namespace lockstep::hil {
namespace {

std::int64_t micros(Moment from, Moment to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to.steady - from.steady).count();
}

std::string wall_text(Moment at) { return format_time(std::chrono::time_point_cast<std::chrono::milliseconds>(at.wall)); }

}  // namespace

ConsoleLog::ConsoleLog(asio::any_io_executor executor, std::string name, Moment run_start)
    : name_(std::move(name)), run_start_(run_start), changed_(executor) {}

Outcome<std::unique_ptr<ConsoleLog>> ConsoleLog::create(asio::any_io_executor executor, std::string name,
                                                        const std::string& run_dir, Moment run_start) {
  std::unique_ptr<ConsoleLog> log(new ConsoleLog(executor, std::move(name), run_start));
  const std::string base = run_dir + "/console-" + log->name_;
  log->raw_.reset(std::fopen((base + ".log").c_str(), "wbe"));
  log->times_.reset(std::fopen((base + ".times").c_str(), "wbe"));
  if (!log->raw_ || !log->times_) {
    return fail(ErrorKind::io, fmt::format("cannot write {}.log: {}", base, std::strerror(errno)));
  }
  return log;
}

Outcome<void> ConsoleLog::append(Bytes bytes, Moment at) {
  // Flushed at once: what was seen survives a kill of this process.
  const bool kept = std::fwrite(bytes.data(), 1, bytes.size(), raw_.get()) == bytes.size() && std::fflush(raw_.get()) == 0;
  if (!kept) return fail(ErrorKind::io, fmt::format("cannot record console {}: {}", name_, std::strerror(errno)));
  fmt::print(times_.get(), "{}\t{}\t{}\n", written_, micros(run_start_, at), wall_text(at));
  std::fflush(times_.get());
  written_ += bytes.size();
  for (const char c : as_text(bytes)) take(c, at);
  wake();
  return {};
}

Outcome<void> ConsoleLog::note(std::string_view text, Moment at) {
  fmt::print(times_.get(), "# {}\t{}\t{}\n", text, micros(run_start_, at), wall_text(at));
  if (std::fflush(times_.get()) != 0) {
    return fail(ErrorKind::io, fmt::format("cannot record console {}: {}", name_, std::strerror(errno)));
  }
  return {};
}

void ConsoleLog::take(char c, Moment at) {
  if (c == '\n' || partial_.size() >= max_line) flush_line(at);
  if (c != '\n') partial_ += c;
}

void ConsoleLog::flush_line(Moment at) {
  // Lines of SMP console framing share some consoles; they are in the file, and are no text.
  if (partial_.starts_with("\x06\x09") || partial_.starts_with("\x04\x14")) {
    partial_.clear();
    return;
  }
  while (!partial_.empty() && partial_.back() == '\r') partial_.pop_back();
  ConsoleLine line{printable(partial_), at};
  partial_.clear();
  if (on_line) on_line(line);
  lines_.push_back(std::move(line));
  if (lines_.size() > max_lines) {
    lines_.pop_front();
    ++first_;
  }
}

asio::awaitable<void> ConsoleLog::changed(std::chrono::steady_clock::time_point deadline) {
  changed_.expires_at(deadline);
  co_await changed_.async_wait(asio::as_tuple(asio::use_awaitable));
}

void ConsoleLog::wake() { changed_.cancel(); }

}  // namespace lockstep::hil
