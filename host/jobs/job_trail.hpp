// What is kept of a job in the ledger: which plan it walks, how far it is, and the image job that it is in.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.hpp"
#include "host/store/store_thread.hpp"
#include "host/update/journal.hpp"
#include "host/walk/walk.hpp"

namespace lockstep::jobs {

// A job's state, for people and programs, is that of the image job that it is in (host/update/states.hpp), or this:
// between two of them, where the device is looked at and the plan says what comes next.
inline constexpr std::string_view walking = "walking";

// Called with the state after it was made durable and before the job goes on; for tests that stop the process there.
using SavedHook = std::function<void(std::string_view state)>;

struct JobTrail {
  std::string plan = {};          // digest of its document; empty: none was made yet
  std::size_t step = 0;           // from 0: to be done next, or being done
  std::size_t steps = 0;
  std::string doing = {};         // the step, in words
  update::JobRecord image = {};   // the last image job
  update::JobFacts ended = {};    // the counts of all image jobs before it, summed
};

// {"plan", "step" (from 1), "steps", "doing", "image": {"job", "state", …}}, and the counts of all image jobs; {} before
// there is a plan.
json::object to_json(const JobTrail& trail);
// invalid: not what to_json writes. A job of a version that kept no plans has an empty trail.
Outcome<JobTrail> job_trail_from_json(const json::object& facts);

// Journals the walk and its image jobs as one job.
class TrailJournal final : public update::Journal, public walk::WalkJournal {
 public:
  TrailJournal(store::StoreThread& store, std::string job, JobTrail trail, SavedHook saved)
      : store_(store), job_(std::move(job)), trail_(std::move(trail)), saved_(std::move(saved)) {}

  // A plan that was made just now: keeps its document, and begins at its first step.
  boost::asio::awaitable<Outcome<void>> begin(std::string document, const walk::CertifiedPlan& plan);
  // The plan that the trail is about was read back.
  void resume(const walk::CertifiedPlan& plan) { name_steps(plan); }

  boost::asio::awaitable<Outcome<void>> save(walk::WalkRecord record) override;
  boost::asio::awaitable<Outcome<void>> save(const update::JobRecord& record) override;

  const JobTrail& trail() const { return trail_; }
  // A save did not succeed: the job is in its last saved state, and may not go on.
  bool broken() const { return broken_; }

 private:
  void name_steps(const walk::CertifiedPlan& plan);
  boost::asio::awaitable<Outcome<void>> append(std::string state, JobTrail next, std::vector<store::EventBody> before = {});

  store::StoreThread& store_;
  std::string job_;
  JobTrail trail_;
  SavedHook saved_;
  std::vector<std::string> step_texts_;
  bool broken_ = false;
};

}  // namespace lockstep::jobs
