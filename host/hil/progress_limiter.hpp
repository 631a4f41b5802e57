// Keeps the live view bounded: short texts, few console lines a second.
#pragma once

#include <chrono>
#include <string>

#include "host/hil/console_log.hpp"
#include "host/hil/engine.hpp"

namespace lockstep::hil {

class ProgressLimiter {
 public:
  ProgressLimiter(ProgressSink& sink, std::string run_id) : sink_(sink), run_id_(std::move(run_id)) {}

  void report(Progress progress);
  void console(const std::string& console, const ConsoleLine& line);

 private:
  ProgressSink& sink_;
  std::string run_id_;
  std::chrono::steady_clock::time_point second_{};
  std::size_t lines_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace lockstep::hil
