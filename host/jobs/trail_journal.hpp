// Journals a walk and its image jobs as one job.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/jobs/depot.hpp"
#include "host/jobs/job_trail.hpp"
#include "host/update/journal.hpp"
#include "host/walk/walk.hpp"

namespace lockstep::jobs {

class TrailJournal final : public update::Journal, public walk::WalkJournal {
 public:
  // The depot is borrowed for the journal's life.
  TrailJournal(Depot& depot, JobTrail trail) : depot_(depot), trail_(std::move(trail)) {}

  // A plan that was made just now: keeps its document, and begins at its first step.
  boost::asio::awaitable<Outcome<void>> begin(std::string document, const walk::CertifiedPlan& plan);
  // The plan that the trail is about was read back.
  void resume(const walk::CertifiedPlan& plan) { name_steps(plan); }

  boost::asio::awaitable<Outcome<void>> save(walk::WalkRecord record) override;
  boost::asio::awaitable<Outcome<void>> save(const update::JobRecord& record) override;

  const JobTrail& trail() const { return trail_; }
  // A save did not succeed: the job is in its last saved state, and may not go on; every later save fails, too.
  bool broken() const { return broken_.has_value(); }

 private:
  void name_steps(const walk::CertifiedPlan& plan);
  boost::asio::awaitable<Outcome<void>> advance(std::string state, JobTrail next, std::string document = {});

  Depot& depot_;
  JobTrail trail_;
  std::vector<std::string> step_texts_;
  std::optional<Error> broken_;
};

}  // namespace lockstep::jobs
