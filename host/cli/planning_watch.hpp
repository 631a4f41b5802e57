// A search that may take long: after one second a line shows how far it is, and Ctrl-C ends it instead of the program.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>

#include "host/cli/progress.hpp"
#include "host/cli/terminal.hpp"
#include "manifests/plan/budget.hpp"

namespace lockstep::cli {

// Until it goes, SIGINT is its own. One at a time.
class PlanningWatch {
 public:
  explicit PlanningWatch(Terminal& terminal);
  ~PlanningWatch();
  PlanningWatch(const PlanningWatch&) = delete;
  PlanningWatch& operator=(const PlanningWatch&) = delete;

  // For plan::Limits::stop: true when Ctrl-C was pressed.
  bool stop();
  static bool interrupted();

 private:
  Terminal& terminal_;
  struct sigaction before_ {};
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::uint64_t asked_ = 0;
  std::optional<Progress> progress_;
};

// What `search` says, which uses `limits` while it runs; ErrorKind::cancelled after Ctrl-C, because half a search
// says nothing.
template <class Search>
auto watched(Terminal& terminal, plan::Limits& limits, Search search) -> decltype(search()) {
  PlanningWatch watch(terminal);
  limits.stop = [&watch] { return watch.stop(); };
  auto out = search();
  limits.stop = {};
  if (watch.interrupted()) return fail(ErrorKind::cancelled, "interrupted while planning; nothing was changed");
  return out;
}

// The answer to a search that came to its limit.
Fail<Error> nothing_known();

}  // namespace lockstep::cli
