// Walks one job from its state to an end: the only code that changes a device.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "host/session/device_client.hpp"
#include "host/update/job.hpp"
#include "host/update/journal.hpp"

namespace lockstep::update {

struct Progress {
  State state = State::queued;
  std::uint64_t done_bytes = 0;  // of the upload; 0 elsewhere
  std::uint64_t total_bytes = 0;
  double bytes_per_second = 0;  // over this upload
};

// What the caller wants to see and say while a job runs. Called on the loop thread; must return quickly.
class JobWatch {
 public:
  virtual ~JobWatch() = default;
  // At every change of state, and at most ten times a second during an upload. For the eye only: the journal
  // tells the truth, and any of these may be dropped.
  virtual void on_progress(const Progress&) {}
  // A line that the device printed.
  virtual void on_device_log(std::string_view) {}
  // True: stop. Asked before each state and between chunks; honoured until the image is marked, because after
  // that the device changes by itself and must be seen through.
  virtual bool cancel_wanted() { return false; }
};

// Runs `job` from `from` (a new job: JobRecord{job.id}; after a restart: the last record saved) to an end.
// Every state is saved before it is entered, and each one first looks at what the device really is, so it may
// be killed anywhere and run again from the journal. Asio cancellation stops it between two instructions of
// the device and returns with `interrupted`: the job is still in its last saved state. `journal` and `watch`
// are borrowed until the coroutine ends.
asio::awaitable<JobResult> run_job(Job job, JobRecord from, session::ClientFactory clients, Journal& journal,
                                   JobWatch& watch);

}  // namespace lockstep::update
