#include "host/base/log.hpp"

#include <unistd.h>
#include <algorithm>

#include "host/base/text.hpp"

namespace lockstep {
namespace {

void write_to_stderr(LogLevel, std::string_view line) {
  const std::string whole = std::string(line) + "\n";
  // One write per line, so that lines of several processes do not mix. A log that cannot be written has no
  // better place to complain.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, whole.data(), whole.size());
}

LogSink& sink() {
  static LogSink current = write_to_stderr;
  return current;
}

LogLevel& least_level() {
  static LogLevel least = LogLevel::info;
  return least;
}

std::string_view name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
      return "error";
  }
  return "error";
}

bool is_plain(std::string_view value) {
  return !value.empty() && std::ranges::all_of(value, [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  });
}

}  // namespace

std::string format_log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  std::string line =
      "time=" + format_time(now()) + " level=" + std::string(name(level)) + " event=" + std::string(event);
  for (const LogField& field : fields)
    line +=
        " " + std::string(field.key) + "=" + (is_plain(field.value) ? field.value : in_quotes(field.value));
  return line;
}

void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < least_level()) return;
  sink()(level, format_log_line(level, event, fields));
}

void set_log_sink(LogSink s) { sink() = s ? std::move(s) : LogSink(write_to_stderr); }
void set_log_level(LogLevel least) { least_level() = least; }

}  // namespace lockstep
