#include "host/hil/test_runner.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "host/hil/quantity.hpp"

namespace lockstep::hil {
namespace {

// Adds a row for each declared measurement that was not taken: a gap must be seen, not be missing.
void add_unset_measurements(const TestSpec& test, AttemptRecord& attempt) {
  for (const StepSpec& step : test.steps) {
    if (step.name != "measure") continue;
    const std::string_view name = step.get("name");
    const bool there = std::ranges::any_of(attempt.measurements, [&](const Measurement& m) { return m.name == name; });
    if (!there) {
      attempt.measurements.push_back({.name = std::string(name), .unit = std::string(step.get("unit")), .value = {},
                                      .comparator = std::string(step.get("comp")), .low = {}, .high = {}});
    }
  }
}

void judge_attempt(AttemptRecord& attempt) {
  for (const StepRecord& step : attempt.steps) {
    Verdict verdict = step.verdict;
    // A teardown that does not pass leaves the rig in doubt, not the device.
    if (step.phase == "teardown" && verdict == Verdict::failed) verdict = Verdict::error;
    if (step.phase == "setup" && verdict == Verdict::failed) verdict = Verdict::inconclusive;
    if (verdict > attempt.verdict) {
      attempt.verdict = verdict;
      attempt.reason = fmt::format("{} line {}: {}", step.name, step.line, step.reason);
    }
  }
  const bool unset = std::ranges::any_of(attempt.measurements,
                                         [](const Measurement& m) { return m.outcome == MeasureOutcome::unset; });
  if (is_pass(attempt.verdict) && unset) {
    attempt.verdict = Verdict::failed;
    attempt.reason = "a declared measurement was never set";
  }
}

bool wants_rerun(const TestSpec& test, Verdict verdict) {
  const bool device = verdict == Verdict::failed;
  const bool rig = verdict == Verdict::error || verdict == Verdict::inconclusive;
  switch (test.rerun_on) {
    case RerunOn::error: return rig;
    case RerunOn::failed: return device;
    case RerunOn::any: return rig || device;
  }
  return false;
}

Deadline sooner(const Deadline& a, const Deadline& b) { return a.at < b.at ? a : b; }

Deadline deadline_in(std::chrono::milliseconds time, std::string_view whose) {
  return {std::chrono::steady_clock::now() + time, fmt::format("the {}'s {}", whose, duration_text(time))};
}

}  // namespace

TestRunner::TestRunner(Surroundings surroundings) : on_(std::move(surroundings)) {
  memory_.values = on_.prepared.values;
  suite_deadline_ = deadline_in(on_.request.suite.timeouts.suite, "suite");
}

StepContext TestRunner::context(AttemptRecord& attempt) {
  return {on_.bench,      on_.clock,           on_.prepared.artifacts, on_.request.suite, memory_.values,
          memory_.marks,  attempt.measurements, attempt.captures,      on_.report};
}

asio::awaitable<void> TestRunner::run_setup_and_tests() {
  const bool ready = co_await run_setup();
  for (const TestSpec& test : on_.request.suite.tests) {
    TestRecord record;
    if (on_.control.cancelled()) {
      record = not_run(test, Verdict::cancelled, on_.control.reason());
    } else if (!ready) {
      record = not_run(test, Verdict::skipped, "blocked by setup");
    } else if (!journal_trouble_.empty()) {
      record = not_run(test, Verdict::error, journal_trouble_);
    } else if (std::chrono::steady_clock::now() >= suite_deadline_.at) {
      record = not_run(test, Verdict::inconclusive, suite_deadline_.what + " were over before it began");
    } else if (const std::string need = unmet_need(test); !need.empty()) {
      record = not_run(test, Verdict::skipped, "blocked by " + need);
    } else {
      record = co_await run_test(test);
    }
    on_.report({.kind = Progress::Kind::test, .subject = test.id, .text = record.reason, .verdict = record.verdict});
    on_.result.tests.push_back(std::move(record));
  }
}

asio::awaitable<bool> TestRunner::run_setup() {
  on_.report({.kind = Progress::Kind::phase, .subject = "setup", .text = {}});
  AttemptRecord setup;
  co_await run_steps(on_.request.suite.setup, Phase::setup, suite_deadline_, setup);
  on_.result.setup = std::move(setup.steps);
  co_return std::ranges::all_of(on_.result.setup, [](const StepRecord& s) { return is_pass(s.verdict); });
}

asio::awaitable<void> TestRunner::run_teardown() {
  on_.report({.kind = Progress::Kind::phase, .subject = "teardown", .text = {}});
  AttemptRecord teardown;
  const Deadline none;
  co_await run_steps(on_.request.suite.teardown, Phase::teardown, none, teardown);
  on_.result.teardown = std::move(teardown.steps);
}

asio::awaitable<TestRecord> TestRunner::run_test(const TestSpec& test) {
  TestRecord record{.id = test.id, .requirement = test.requirement, .tags = test.tags, .attempts = {}};
  on_.report({.kind = Progress::Kind::test, .subject = test.id, .text = "started"});
  const Memory before = memory_;
  std::vector<Verdict> verdicts;
  for (std::uint32_t number = 1; number <= test.attempts; ++number) {
    memory_ = before;
    AttemptRecord attempt = co_await run_attempt(test, number);
    verdicts.push_back(attempt.verdict);
    record.reason = attempt.reason;
    record.attempts.push_back(attempt);
    auto said = co_await on_.journal.attempt(on_.request.run_id, test.id, std::move(attempt));
    if (!said) {
      journal_trouble_ = "the attempt could not be recorded: " + said.error().what;
      record.verdict = Verdict::error;
      record.reason = journal_trouble_;
      co_return record;
    }
    const bool over = std::chrono::steady_clock::now() >= suite_deadline_.at;
    if (!wants_rerun(test, verdicts.back()) || over || on_.control.cancelled()) break;
  }
  record.verdict = judge_attempts(verdicts);
  if (record.verdict == Verdict::passed_unstable) {
    record.reason = fmt::format("passed at attempt {}; the first ended as {}: {}", verdicts.size(), text(verdicts.front()),
                                record.attempts.front().reason);
  }
  co_return record;
}

asio::awaitable<AttemptRecord> TestRunner::run_attempt(const TestSpec& test, std::uint32_t number) {
  AttemptRecord attempt{.number = number, .start = on_.clock.now(), .steps = {}, .measurements = {}, .captures = {}};
  memory_.marks["test.start"] = attempt.start;
  const Deadline limit = sooner(deadline_in(test.timeout.value_or(on_.request.suite.timeouts.test), "test"), suite_deadline_);
  co_await run_steps(test.setup, Phase::setup, limit, attempt);
  const bool ready = std::ranges::all_of(attempt.steps, [](const StepRecord& s) { return is_pass(s.verdict); });
  if (ready) co_await run_steps(test.steps, Phase::test, limit, attempt);
  const Deadline none;
  co_await run_steps(test.teardown, Phase::teardown, none, attempt);
  add_unset_measurements(test, attempt);
  judge_attempt(attempt);
  attempt.end = on_.clock.now();
  co_return attempt;
}

asio::awaitable<void> TestRunner::run_steps(const std::vector<StepSpec>& steps, Phase phase, Deadline limit,
                                            AttemptRecord& attempt) {
  StepContext step_context = context(attempt);
  StepRunner runner(step_context, on_.control);
  for (const StepSpec& step : steps) {
    StepRecord record = co_await runner.run(step, phase, limit);
    const bool passed = is_pass(record.verdict);
    attempt.steps.push_back(std::move(record));
    if (!passed && phase != Phase::teardown) co_return;
  }
}

std::string TestRunner::unmet_need(const TestSpec& test) const {
  for (const std::string& need : test.needs) {
    const auto it = std::ranges::find(on_.result.tests, need, &TestRecord::id);
    if (it == on_.result.tests.end() || !is_pass(it->verdict)) return need;
  }
  return {};
}

TestRecord TestRunner::not_run(const TestSpec& test, Verdict verdict, std::string reason) const {
  return {.id = test.id, .requirement = test.requirement, .tags = test.tags, .verdict = verdict,
          .reason = std::move(reason), .attempts = {}};
}

void judge_run(RunResult& result) {
  result.verdict = Verdict::passed;
  result.reason.clear();
  const auto take = [&](Verdict verdict, std::string_view who, std::string_view why) {
    if (verdict <= result.verdict) return;
    result.verdict = verdict;
    result.reason = fmt::format("{}: {}", who, why);
  };
  for (const StepRecord& step : result.setup) {
    // What is prepared is not what is judged: a failure here leaves the question open.
    take(step.verdict == Verdict::failed ? Verdict::inconclusive : step.verdict, "setup", step.name + " " + step.reason);
  }
  for (const TestRecord& test : result.tests) take(test.verdict, test.id, test.reason);
  for (const StepRecord& step : result.teardown) {
    take(step.verdict == Verdict::failed ? Verdict::error : step.verdict, "teardown", step.name + " " + step.reason);
  }
}

}  // namespace lockstep::hil
