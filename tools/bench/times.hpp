// What a piece of work took, and the distribution of many.
//
// Wall time is what a user waits; processor time stands beside it, because other work on the machine does not stretch it.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <ctime>
#include <string>
#include <vector>

#include "manifests/plan/made_up.hpp"

namespace lockstep::bench {

struct Span {
  double wall_ms = 0, cpu_ms = 0;
};

inline double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

template <class Work>
Span timed(Work work) {
  const auto wall = std::chrono::steady_clock::now();
  const double cpu = cpu_ms();
  work();
  const double used = cpu_ms() - cpu;
  return {std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - wall).count(), used};
}

class Times {
 public:
  void add(const Span& span) {
    wall_.push_back(span.wall_ms);
    cpu_.push_back(span.cpu_ms);
  }
  double median() const { return plan::made_up::part_of(wall_, 0.5); }
  double cpu_median() const { return plan::made_up::part_of(cpu_, 0.5); }
  // "median 1.2 ms, p95 3.4 ms, largest 5.6 ms (processor 1.1 / 3.2 / 5.0)"
  std::string text() const {
    return fmt::format("median {:.2f} ms, p95 {:.2f} ms, largest {:.2f} ms (processor {:.2f} / {:.2f} / {:.2f})", median(),
                       plan::made_up::part_of(wall_, 0.95), plan::made_up::part_of(wall_, 1), cpu_median(), plan::made_up::part_of(cpu_, 0.95), plan::made_up::part_of(cpu_, 1));
  }

 private:
  std::vector<double> wall_, cpu_;
};

}  // namespace lockstep::bench
