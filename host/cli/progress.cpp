#include "host/cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"

namespace lockstep::cli {
namespace {

constexpr std::chrono::milliseconds redraw_after{100};
constexpr std::chrono::seconds line_after{5};
constexpr std::uint64_t bar_width = 30;
constexpr std::string_view clear_line = "\r\x1b[K";

}  // namespace

Progress::Progress(Terminal& terminal, std::string what, std::uint64_t total, Unit unit)
    : terminal_(terminal), what_(printable(what)), total_(total), unit_(unit), last_(started_) {}

Progress::~Progress() {
  if (!bar_shown_) return;
  draw_bar(Steady::now());
  terminal_.draw("\n");
}

void Progress::update(std::uint64_t done) {
  done_ = done;
  if (terminal_.quiet()) return;
  const auto at = Steady::now();
  const bool complete = total_ != 0 && done_ >= total_;
  if (terminal_.has_bar()) {
    if (bar_shown_ && !complete && at - last_ < redraw_after) return;
    last_ = at;
    draw_bar(at);
    return;
  }
  const std::uint64_t tenth = total_ == 0 ? 0 : std::min(done_, total_) * 10 / total_;
  if (tenth == last_tenth_ && at - last_ < line_after) return;
  last_tenth_ = tenth;
  last_ = at;
  write_line();
}

void Progress::say(std::string_view line) {
  if (terminal_.quiet()) return;
  clear_bar();
  terminal_.draw(what_ + ": " + printable(line) + "\n");
}

std::string Progress::amount() const {
  const auto number = [&](std::uint64_t n) {
    return unit_ == Unit::bytes ? format_size(n) : std::to_string(n);
  };
  if (total_ == 0) return number(done_);
  return fmt::format("{}% ({} of {})", std::min(done_, total_) * 100 / total_, number(done_), number(total_));
}

void Progress::draw_bar(Steady::time_point at) {
  const std::uint64_t filled = total_ == 0 ? 0 : std::min(done_, total_) * bar_width / total_;
  const double seconds = std::chrono::duration<double>(at - started_).count();
  std::string line = fmt::format("{} [{:<{}}] {}", what_, std::string(filled, '#'), bar_width, amount());
  if (unit_ == Unit::bytes && seconds > 0.5)
    line +=
        fmt::format("  {}/s", format_size(static_cast<std::uint64_t>(static_cast<double>(done_) / seconds)));
  terminal_.draw(std::string(clear_line) + line);
  bar_shown_ = true;
}

void Progress::write_line() { terminal_.draw(what_ + ": " + amount() + "\n"); }

void Progress::clear_bar() {
  if (bar_shown_) terminal_.draw(clear_line);
  bar_shown_ = false;
}

}  // namespace lockstep::cli
