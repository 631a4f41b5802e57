// Turns facts into intents and intents into events and jobs. Holds no state of its own: everything is in the store,
// so it may be killed anywhere.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>
#include <vector>

#include "host/base/text.hpp"
#include "host/jobs/job_starter.hpp"
#include "host/rollout/decide.hpp"
#include "host/store/store_thread.hpp"

namespace lockstep::rollout {

class Coordinator {
 public:
  // `store` and `jobs` must outlive run(). `clock` stands for the wall clock in tests.
  Coordinator(boost::asio::any_io_executor executor, store::StoreThread& store, jobs::JobStarter& jobs,
              std::function<Time()> clock = now);

  // Looks after all rollouts until stop(): after every wake() and at each deadline it reads the facts again, decides,
  // and carries out. Call once.
  boost::asio::awaitable<void> run();

  // Something was appended. Call it on the executor, for instance from StoreThread::subscribe.
  void wake();
  void stop();

 private:
  boost::asio::awaitable<void> pass();
  boost::asio::awaitable<void> wait();

  store::StoreThread& store_;
  jobs::JobStarter& jobs_;
  std::function<Time()> clock_;
  boost::asio::steady_timer timer_;
  std::optional<Time> again_at_;
  bool dirty_ = true;
  bool stopped_ = false;
};

// One step of one rollout, on the store's thread: read, decide, and append everything in one transaction. Jobs are
// created (queued) in the same transaction, so a job can never come after the halt that forbids it.
struct Step {
  std::vector<store::JobRow> to_start;
  std::optional<Time> again_at;
};
Outcome<Step> step_rollout(store::Store& store, const std::string& id, Time now);

}  // namespace lockstep::rollout
