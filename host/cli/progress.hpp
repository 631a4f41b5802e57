// How far a long work has come: a bar on a terminal, plain lines in a pipe, nothing with --quiet. Always on
// stderr.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "host/cli/terminal.hpp"

namespace lockstep::cli {

class Progress {
 public:
  enum class Unit { bytes, items };

  // `total` 0: unknown. The terminal outlives this.
  Progress(Terminal& terminal, std::string what, std::uint64_t total, Unit unit = Unit::bytes);
  ~Progress();  // ends the bar's line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // So much of the total is done. May be called as often as wanted: it draws ten times a second at most on a
  // terminal; in a pipe it writes a line every 10 % and, when that takes longer, every 5 s.
  void update(std::uint64_t done);
  // A line of its own, as for a new state ("resetting"); the bar goes on below.
  void say(std::string_view line);

 private:
  using Steady = std::chrono::steady_clock;

  void draw_bar(Steady::time_point at);
  void write_line();
  std::string amount() const;
  void clear_bar();

  Terminal& terminal_;
  std::string what_;
  std::uint64_t total_;
  Unit unit_;
  std::uint64_t done_ = 0;
  Steady::time_point started_ = Steady::now();
  Steady::time_point last_{};
  std::uint64_t last_tenth_ = 0;
  bool bar_shown_ = false;
};

}  // namespace lockstep::cli
