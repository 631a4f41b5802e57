#include "host/update/executor.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>

#include "host/link/deadline.hpp"
#include "host/update/steps.hpp"
#include "host/update/transitions.hpp"

namespace lockstep::update {
namespace {

// A job of few losses enters about ten states; more than this is a loop between host and device.
constexpr std::uint32_t saves_most = 60;

class Run {
 public:
  Run(Job job, JobRecord from, Journal& journal, JobWatch& watch)
      : job_(std::move(job)), record_(std::move(from)), journal_(journal), watch_(watch) {}

  asio::awaitable<void> to_the_end(std::unique_ptr<session::DeviceClient> device);

  JobResult result() const {
    return {.state = record_.state, .facts = record_.facts, .interrupted = interrupted_};
  }
  void interrupt(std::string why) { interrupted_ = std::move(why); }

 private:
  asio::awaitable<Outcome<Event>> leave(State state, Steps& steps);
  asio::awaitable<Outcome<void>> recover(State state, Steps& steps, std::uint32_t losses_in_row);
  asio::awaitable<Outcome<void>> enter(State state);
  State after(State state, Event event);

  Job job_;
  JobRecord record_;
  Journal& journal_;
  JobWatch& watch_;
  std::string interrupted_;
};

// Before the reset the device should be there: short, growing pauses. After it, silence is normal for a while
// (a watchdog, a slow boot): wait as long as for any return.
asio::awaitable<Outcome<void>> Run::recover(State state, Steps& steps, std::uint32_t losses_in_row) {
  if (state > State::resetting) {
    auto returned = co_await steps.await_return();
    co_return returned;
  }
  steps.disconnect();
  const std::uint32_t doublings = std::min(losses_in_row - 1, 16u);
  const auto pause = std::min(job_.policy.backoff_first * (1u << doublings), job_.policy.backoff_most);
  auto slept = co_await link::sleep_for(pause);
  co_return slept;
}

// Tries the state's step until it yields an event. Losses of the link cost from the budget; a try that got
// further than the one before starts it anew.
asio::awaitable<Outcome<Event>> Run::leave(State state, Steps& steps) {
  for (std::uint32_t in_row = 0;;) {
    auto event = co_await steps.run(state);
    if (event) co_return event;
    const Error error = std::move(event).error();
    if (error.kind == ErrorKind::cancelled) co_return Fail(error);
    record_.facts.reason = error.what;
    if (error.kind != ErrorKind::unreachable && error.kind != ErrorKind::conflict) co_return Event::refused;
    ++record_.facts.link_losses;
    in_row = steps.progressed() ? 1 : in_row + 1;
    const bool hopeless = state == State::returning || in_row > job_.policy.link_retries;
    if (hopeless) co_return Event::silent;
    auto recovered = co_await recover(state, steps, in_row);
    if (!recovered && recovered.error().kind == ErrorKind::cancelled)
      co_return Fail(std::move(recovered).error());
    if (!recovered) {
      record_.facts.reason = recovered.error().what;
      co_return Event::silent;
    }
    if (state < State::marking && watch_.cancel_wanted()) co_return Event::cancel;
  }
}

State Run::after(State state, Event event) {
  if (record_.facts.saves >= saves_most) {
    record_.facts.reason = "gave up after " + std::to_string(saves_most) + " states: " + record_.facts.reason;
    return State::failed;
  }
  const auto next = next_state(state, event);
  if (next && is_far_enough(job_.reach, state, event)) return State::succeeded;
  if (next) return *next;
  record_.facts.reason = "defect: '" + std::string(name(event)) + "' is not foreseen in state '" +
                         std::string(name(state)) + "'";
  return State::failed;
}

asio::awaitable<Outcome<void>> Run::enter(State state) {
  JobRecord next = record_;
  next.state = state;
  ++next.facts.saves;
  // Troubles that were overcome are not the reason of anything; why it goes back is, until the end.
  const bool bad_end = is_end(state) && state != State::succeeded;
  if (!bad_end && state != State::reverting) next.facts.reason.clear();
  auto saved = co_await journal_.save(next);
  if (!saved) co_return Fail(std::move(saved).error());
  record_ = std::move(next);
  const Progress progress{.state = state};
  watch_.on_progress(progress);
  co_return Outcome<void>();
}

asio::awaitable<void> Run::to_the_end(std::unique_ptr<session::DeviceClient> device) {
  Steps steps(job_, record_.facts, watch_, std::move(device), record_.state);
  while (!is_end(record_.state)) {
    const State state = record_.state;
    Event event = Event::started;
    if (state < State::marking && watch_.cancel_wanted()) {
      event = Event::cancel;
    } else if (state != State::queued) {
      auto left = co_await leave(state, steps);
      if (!left) co_return interrupt(left.error().what);
      event = *left;
    }
    const State next = after(state, event);
    auto entered = co_await enter(next);
    if (!entered)
      co_return interrupt("the journal did not take the state '" + std::string(name(next)) +
                          "': " + entered.error().what);
  }
}

}  // namespace

asio::awaitable<JobResult> run_job(Job job, JobRecord from, session::ClientFactory clients, Journal& journal,
                                   JobWatch& watch) {
  auto device = clients(job.link, [&watch](std::string_view line) { watch.on_device_log(line); });
  Run run(std::move(job), std::move(from), journal, watch);
  try {
    co_await run.to_the_end(std::move(device));
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
    run.interrupt("stopped");
  }
  co_return run.result();
}

}  // namespace lockstep::update
