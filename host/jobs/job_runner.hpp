// Runs the jobs of the store, and keeps what is live about them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "host/base/change_counter.hpp"
#include "host/jobs/job_starter.hpp"
#include "host/jobs/job_walk.hpp"
#include "host/jobs/store_depot.hpp"
#include "host/session/device_client.hpp"
#include "host/store/store_thread.hpp"
#include "host/update/executor.hpp"

namespace lockstep::jobs {

// What a running job shows beside its journal; gone when the process ends.
struct LiveJob {
  update::Progress progress = {};
  std::deque<std::string> log = {};  // the last lines the device printed
  bool cancelling = false;           // somebody asked for that; it stops where nothing is on trial
};

class JobRunner final : public JobStarter {
 public:
  // All references must outlive drain().
  JobRunner(boost::asio::any_io_executor executor, store::StoreThread& store, ReleaseShelf& shelf, PlanningThread& planning,
            ChangeCounter& changes, session::ClientFactory clients, update::Policy policy, SavedHook saved);

  // Makes a job for `device` towards `release` (ids) and starts it; gives its id. An unfinished job of the same device
  // towards the same release is given instead of a new one.
  // * refused  - there is no plan from what is known of the device
  // * conflict - the device has another job
  boost::asio::awaitable<Outcome<std::string>> create(std::string device, std::string release);

  // Runs a job that the store has; does nothing when it runs already.
  void start_job(store::JobRow job) override;
  boost::asio::awaitable<Outcome<void>> resume_unfinished();

  // Asks a job to stop, and keeps that; it ends as `cancelled` if the device was not changed for good yet.
  // * not_found; conflict - it has ended
  boost::asio::awaitable<Outcome<void>> cancel(std::string id);

  const LiveJob* live(const std::string& id) const;
  bool idle() const { return running_.empty(); }

  // Interrupts every job at its last saved state and returns when none runs.
  boost::asio::awaitable<void> drain();

  // Asks the device what it runs and how it is, and records it. Not while a job works on it (conflict).
  boost::asio::awaitable<Outcome<store::DeviceUpdated>> observe(store::DeviceRow device);

 private:
  struct Running;
  boost::asio::awaitable<void> run(std::shared_ptr<Running> job);
  // The unfinished job of the device towards that release; nothing: there is none. conflict: it has one towards another.
  boost::asio::awaitable<Outcome<std::optional<store::JobRow>>> find_same(std::string device, std::string release);
  boost::asio::awaitable<Outcome<void>> must_have_a_plan(std::string device, std::string release);
  boost::asio::awaitable<void> finish(store::JobRow job, json::object facts, JobEnd end);

  boost::asio::any_io_executor executor_;
  store::StoreThread& store_;
  ReleaseShelf& shelf_;
  ChangeCounter& changes_;
  session::ClientFactory clients_;
  update::Policy policy_;
  PatchMaker patches_;
  PlanningThread& planning_;
  SavedHook saved_;
  std::map<std::string, std::shared_ptr<Running>> running_;  // shared with the job's own coroutine
  bool draining_ = false;
};

}  // namespace lockstep::jobs
