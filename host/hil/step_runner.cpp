#include "host/hil/step_runner.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "host/hil/quantity.hpp"

namespace lockstep::hil {
namespace {

using namespace boost::asio::experimental::awaitable_operators;

asio::awaitable<void> expiry(asio::steady_timer& timer) {
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::string quote(std::string_view value) { return RE2::QuoteMeta(re2::StringPiece(value.data(), value.size())); }

Outcome<void> fill_text(std::string& text, std::string_view name, const StepKind& kind, const Values& values) {
  const bool pattern = std::ranges::find(kind.patterns, name) != kind.patterns.end();
  Substituted done = pattern ? substitute(text, values, quote) : substitute(text, values);
  if (!done.missing.empty() && !kind.copes_with_missing_values) {
    return fail(ErrorKind::device, fmt::format("${{{}}} was not set: the group took no part in its match", done.missing.front()));
  }
  text = std::move(done.text);
  return {};
}

Outcome<void> fill_element(StepSpec& step, const StepKind& kind, const Values& values) {
  for (auto& [name, text] : step.attributes) LOCKSTEP_CHECK(fill_text(text, name, kind, values));
  return fill_text(step.content, step.name, kind, values);
}

Deadline step_deadline(const StepSpec& step, const Suite& suite) {
  std::chrono::milliseconds time = suite.timeouts.step;
  if (step.kind->deadline != nullptr) time = step.kind->deadline(step);
  if (auto own = parse_duration(step.get("timeout")); own) time = *own;
  return {std::chrono::steady_clock::now() + time, "the step's " + duration_text(time)};
}

}  // namespace

std::string_view text(Phase phase) {
  switch (phase) {
    case Phase::setup: return "setup";
    case Phase::test: return "test";
    case Phase::teardown: return "teardown";
  }
  return "?";
}

Outcome<StepSpec> StepRunner::fill(const StepSpec& step) const {
  StepSpec filled = step;
  LOCKSTEP_CHECK(fill_element(filled, *step.kind, context_.values));
  for (StepSpec& child : filled.children) {
    if (step.kind->replaces_children && child.name == "assert") continue;
    LOCKSTEP_CHECK(fill_element(child, *step.kind, context_.values));
  }
  return filled;
}

asio::awaitable<StepRecord> StepRunner::run(StepSpec step, Phase phase, Deadline limit) {
  StepRecord record{.name = step.name, .about = {}, .line = step.line, .phase = std::string(text(phase)),
                    .start = context_.clock.now(), .end = {}};
  auto filled = fill(step);
  StepEnd end;
  if (filled) {
    record.about = filled->kind->about(*filled);
    context_.report({.kind = Progress::Kind::step, .subject = record.name, .text = record.about});
    end = co_await attempt(*filled, phase, limit);
  } else {
    record.about = step.kind->about(step);
    end = step_error(filled.error());
  }
  record.end = context_.clock.now();
  record.verdict = end.verdict;
  record.reason = end.reason;
  if (step.has("mark") && is_pass(end.verdict)) {
    context_.marks[std::string(step.get("mark"))] = end.moment ? *end.moment : record.end;
  }
  context_.report({.kind = Progress::Kind::step, .subject = record.name,
                   .text = record.reason.empty() ? record.about : record.reason, .verdict = record.verdict});
  co_return record;
}

asio::awaitable<StepEnd> StepRunner::attempt(StepSpec step, Phase phase, Deadline limit) {
  if (phase != Phase::teardown && control_.cancelled()) co_return StepEnd{Verdict::cancelled, control_.reason(), {}};
  StepEnd end = co_await race(step, phase, limit);
  if (end.verdict == Verdict::cancelled) co_return end;
  co_return co_await find_fault(std::move(end));
}

asio::awaitable<StepEnd> StepRunner::race(StepSpec step, Phase phase, Deadline limit) {
  Deadline deadline = step_deadline(step, context_.suite);
  if (limit.at < deadline.at) deadline = limit;
  asio::steady_timer alarm(co_await asio::this_coro::executor, deadline.at);
  if (phase != Phase::teardown) control_.waiting_ = &alarm;
  auto work = guarded(step);
  auto watch = expiry(alarm);
  auto first = co_await (std::move(work) || std::move(watch));
  control_.waiting_ = nullptr;
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  if (phase != Phase::teardown && control_.cancelled()) co_return StepEnd{Verdict::cancelled, control_.reason(), {}};
  co_return StepEnd{step.kind->on_deadline, fmt::format("not done within {}", deadline.what), {}};
}

asio::awaitable<StepEnd> StepRunner::guarded(StepSpec step) {
  // An exception would let the deadline win the race: slow, and with the wrong reason.
  std::string escaped;
  try {
    co_return co_await step.kind->run(context_, step);
  } catch (const std::exception& e) {
    escaped = e.what();
  }
  co_return step_broken("internal error in the step: " + escaped);
}

asio::awaitable<StepEnd> StepRunner::find_fault(StepEnd end) {
  // A dying process closes its sockets a little before it can be seen as dead.
  if (!is_pass(end.verdict) && !context_.bench.trouble()) co_await pause(std::chrono::milliseconds(50));
  if (const auto trouble = context_.bench.trouble()) {
    end.reason = end.reason.empty() ? trouble->what : fmt::format("{} (the step said: {})", trouble->what, end.reason);
    end.verdict = Verdict::error;
  }
  co_return end;
}

}  // namespace lockstep::hil
