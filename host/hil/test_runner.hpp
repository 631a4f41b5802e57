// Setup, the tests with their attempts, and teardown, on a bench.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "host/hil/bench.hpp"
#include "host/hil/engine.hpp"
#include "host/hil/preparation.hpp"
#include "host/hil/step_runner.hpp"

namespace lockstep::hil {

class TestRunner {
 public:
  // Everything outlives the runner; `result` gets the records.
  struct Surroundings {
    Bench& bench;
    Clock& clock;
    const Preparation& prepared;
    const RunRequest& request;
    RunJournal& journal;
    std::function<void(Progress)> report;
    RunControl& control;
    RunResult& result;
  };
  explicit TestRunner(Surroundings surroundings);

  // Ends early when setup did not pass, on cancellation, at the suite's deadline, or when the journal fails; then
  // the tests that were not reached have a row that says so.
  asio::awaitable<void> run_setup_and_tests();
  // Every step, whatever the others did.
  asio::awaitable<void> run_teardown();

 private:
  struct Memory {  // what an attempt may change and the next must not see
    Values values;
    Marks marks;
  };

  asio::awaitable<bool> run_setup();
  asio::awaitable<TestRecord> run_test(const TestSpec& test);
  asio::awaitable<AttemptRecord> run_attempt(const TestSpec& test, std::uint32_t number);
  asio::awaitable<void> run_steps(const std::vector<StepSpec>& steps, Phase phase, Deadline limit, AttemptRecord& attempt);
  std::string unmet_need(const TestSpec& test) const;
  TestRecord not_run(const TestSpec& test, Verdict verdict, std::string reason) const;
  StepContext context(AttemptRecord& attempt);

  Surroundings on_;
  Memory memory_;
  Deadline suite_deadline_;
  std::string journal_trouble_;
};

// The verdict of a run from its records: setup, tests, teardown.
void judge_run(RunResult& result);

}  // namespace lockstep::hil
