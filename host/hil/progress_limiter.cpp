#include "host/hil/progress_limiter.hpp"

#include <fmt/format.h>

namespace lockstep::hil {

void ProgressLimiter::report(Progress progress) {
  progress.run_id = run_id_;
  if (progress.text.size() > Progress::max_text) progress.text.resize(Progress::max_text);
  sink_.on_progress(progress);
}

void ProgressLimiter::console(const std::string& console, const ConsoleLine& line) {
  if (line.at.steady - second_ >= std::chrono::seconds(1)) {
    if (left_out_ > 0) {
      report({.kind = Progress::Kind::console, .subject = console, .text = fmt::format("({} lines not shown)", left_out_)});
    }
    second_ = line.at.steady;
    lines_ = left_out_ = 0;
  }
  if (lines_ >= Progress::max_lines_per_second) {
    ++left_out_;
    return;
  }
  ++lines_;
  report({.kind = Progress::Kind::console, .subject = console, .text = line.text});
}

}  // namespace lockstep::hil
