#include "host/cli/planning_watch.hpp"

namespace lockstep::cli {
namespace {

volatile std::sig_atomic_t was_interrupted = 0;
extern "C" void on_interrupt(int) { was_interrupted = 1; }

constexpr std::uint64_t expansions_between_asks = 1024;  // manifests/plan/budget.hpp

}  // namespace

PlanningWatch::PlanningWatch(Terminal& terminal) : terminal_(terminal) {
  was_interrupted = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, &before_);
}

PlanningWatch::~PlanningWatch() { sigaction(SIGINT, &before_, nullptr); }

bool PlanningWatch::stop() {
  asked_ += expansions_between_asks;
  if (!progress_ && std::chrono::steady_clock::now() - started_ > std::chrono::seconds(1)) {
    progress_.emplace(terminal_, "planning: states looked at", 0, Progress::Unit::items);
  }
  if (progress_) progress_->update(asked_);
  return interrupted();
}

bool PlanningWatch::interrupted() { return was_interrupted != 0; }

Fail<Error> nothing_known() {
  return fail(ErrorKind::refused, "the search reached its limit before it had a plan, so nothing is known",
              "plan to a release in between first, or give fewer releases");
}

}  // namespace lockstep::cli
