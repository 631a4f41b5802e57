#include "host/rollout/coordinator.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "host/base/ids.hpp"
#include "host/base/log.hpp"

namespace lockstep::rollout {
namespace {

namespace asio = boost::asio;

constexpr auto after_trouble = std::chrono::seconds(5);

// Intents to events.
struct ToEvent {
  const RolloutFacts& facts;
  std::vector<std::string>& new_jobs;

  store::EventBody operator()(const RecordResult& r) const {
    return store::RolloutDeviceResult{.rollout = facts.id, .stage = r.stage, .device = r.device, .job = r.job,
                                      .outcome = std::string(text(r.mark)), .reason = r.reason};
  }
  store::EventBody operator()(const Halt& h) const {
    return store::RolloutHalted{.rollout = facts.id, .stage = h.stage, .reason = h.reason, .devices = h.devices};
  }
  store::EventBody operator()(const StartStage& s) const {
    return store::RolloutStageStarted{.rollout = facts.id, .stage = s.stage, .name = s.name};
  }
  store::EventBody operator()(const StartJob& s) const {
    store::JobCreated created{.job = new_id("job"), .device = s.device, .release = facts.release, .rollout = facts.id, .facts = {}};
    new_jobs.push_back(created.job);
    return created;
  }
  store::EventBody operator()(const Complete& c) const {
    return store::RolloutCompleted{.rollout = facts.id, .succeeded = c.succeeded, .bad = c.bad};
  }
};

// All rollouts that are not completed. One in trouble does not stop the others; it is tried again a little later.
Outcome<Step> step_all(store::Store& store, Time now) {
  LOCKSTEP_TRY(rollouts, store.queries().rollouts());
  Step all;
  const auto again = [&](std::optional<Time> at) {
    if (at && (!all.again_at || *at < *all.again_at)) all.again_at = at;
  };
  for (const store::RolloutRow& rollout : rollouts) {
    if (rollout.state == text(Phase::completed)) continue;
    auto step = step_rollout(store, rollout.id, now);
    if (!step) {
      log_event(LogLevel::error, "rollout.step.failed", {{"rollout", rollout.id}, {"reason", step.error().what}});
      again(now + after_trouble);
      continue;
    }
    std::move(step->to_start.begin(), step->to_start.end(), std::back_inserter(all.to_start));
    again(step->again_at);
  }
  return all;
}

}  // namespace

Outcome<Step> step_rollout(store::Store& store, const std::string& id, Time now) {
  LOCKSTEP_TRY(facts, read_facts(store.queries(), id));
  const Decision decision = decide(facts, now);
  Step step;
  step.again_at = decision.again_at;
  std::vector<std::string> new_jobs;
  std::vector<store::EventBody> bodies;
  for (const Intent& intent : decision.intents) bodies.push_back(std::visit(ToEvent{facts, new_jobs}, intent));
  LOCKSTEP_CHECK(store.append(std::move(bodies), "rollout"));
  for (const std::string& job : new_jobs) {
    LOCKSTEP_TRY(row, store.queries().find_job(job));
    if (row) step.to_start.push_back(*std::move(row));
  }
  return step;
}

Coordinator::Coordinator(asio::any_io_executor executor, store::StoreThread& store, jobs::JobStarter& jobs,
                         std::function<Time()> clock)
    : store_(store), jobs_(jobs), clock_(std::move(clock)), timer_(executor) {}

asio::awaitable<void> Coordinator::run() {
  while (!stopped_) {
    dirty_ = false;
    co_await pass();
    if (!dirty_ && !stopped_) co_await wait();
  }
}

asio::awaitable<void> Coordinator::pass() {
  auto work = [now = clock_()](store::Store& store) { return step_all(store, now); };
  auto step = co_await store_.run(std::move(work));
  if (!step) {
    log_event(LogLevel::error, "rollout.pass.failed", {{"reason", step.error().what}});
    again_at_ = clock_() + after_trouble;
    co_return;
  }
  again_at_ = step->again_at;
  for (store::JobRow& job : step->to_start) jobs_.start_job(std::move(job));
}

asio::awaitable<void> Coordinator::wait() {
  // Deadlines are wall-clock times and may lie behind us already; an hour bounds what a changed clock can do.
  constexpr std::chrono::milliseconds longest = std::chrono::hours(1);
  std::chrono::milliseconds delay = longest;
  if (again_at_) delay = std::clamp(std::chrono::milliseconds(*again_at_ - clock_()), std::chrono::milliseconds(0), longest);
  timer_.expires_after(delay);
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  co_await timer_.async_wait(token);
}

void Coordinator::wake() {
  dirty_ = true;
  timer_.cancel();
}

void Coordinator::stop() {
  stopped_ = true;
  timer_.cancel();
}

}  // namespace lockstep::rollout
