// Log lines in logfmt with stable event ids:
//   time=2026-11-23T18:04:05.678Z level=info event=job.state job=job-01J... state=uploading detail="512 of
//   1024"
// The event id is part of the interface: people and scripts search for it, so it never changes its meaning.
#pragma once

#include <concepts>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

namespace lockstep {

enum class LogLevel { debug, info, warning, error };

struct LogField {
  std::string_view key;  // [a-z_]+, a literal
  std::string value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <std::integral T>
  LogField(std::string_view k, T v) : key(k), value(std::to_string(v)) {}
};

// One line; `event` is dotted and stable ("daemon.started"). Blanks, quotes and control characters are
// quoted, so text from a device cannot forge a line.
void log_event(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// The line without its end, for tests and other sinks.
std::string format_log_line(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

// Where lines go; the default writes each to stderr with one write(2). Set before the first thread starts.
using LogSink = std::function<void(LogLevel, std::string_view line)>;
void set_log_sink(LogSink sink);
void set_log_level(LogLevel least);  // lines below are dropped; default info

}  // namespace lockstep
