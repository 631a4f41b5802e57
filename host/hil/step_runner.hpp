// Runs one step: values put in, deadlines kept, and the fault found.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "host/hil/step.hpp"

namespace lockstep::hil {

// A moment by which something must be over, and what it is called in the reason.
struct Deadline {
  std::chrono::steady_clock::time_point at = std::chrono::steady_clock::time_point::max();
  std::string what;  // "the test's 90 s"
};

enum class Phase : std::uint8_t {
  setup,
  test,
  teardown,  // runs also when the run was cancelled, and by its own deadlines only
};
std::string_view text(Phase phase);

class StepRunner {
 public:
  // All references outlive the runner.
  StepRunner(StepContext& context, RunControl& control) : context_(context), control_(control) {}

  // Runs it and says how it ended. A failure seen through a broken rig is an error: nothing that is seen after the
  // supply died or a console was lost says anything about the device.
  asio::awaitable<StepRecord> run(StepSpec step, Phase phase, Deadline limit);

 private:
  asio::awaitable<StepEnd> attempt(StepSpec step, Phase phase, Deadline limit);
  asio::awaitable<StepEnd> race(StepSpec step, Phase phase, Deadline limit);
  asio::awaitable<StepEnd> guarded(StepSpec step);
  asio::awaitable<StepEnd> find_fault(StepEnd end);
  Outcome<StepSpec> fill(const StepSpec& step) const;

  StepContext& context_;
  RunControl& control_;
};

}  // namespace lockstep::hil
