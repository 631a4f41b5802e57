// What is kept of a job in the ledger: which plan it walks, how far it is, and the image job that it is in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "host/base/json.hpp"
#include "host/update/journal.hpp"

namespace lockstep::jobs {

// A job's state, for people and programs, is that of the image job that it is in (host/update/states.hpp), or this:
// between two of them, where the device is looked at and the plan says what comes next.
inline constexpr std::string_view walking = "walking";

struct JobTrail {
  std::string plan = {};          // digest of its document; empty: none was made yet
  std::size_t step = 0;           // from 0: to be done next, or being done
  std::size_t steps = 0;
  std::string doing = {};         // the step, in words
  update::JobRecord image = {};   // the last image job
  update::JobFacts ended = {};    // the counts of all image jobs before it, summed
};

// The counts of two image jobs, added.
update::JobFacts summed(const update::JobFacts& a, const update::JobFacts& b);

// {"plan", "step" (from 1), "steps", "doing", "image": {"job", "state", …}}, and the counts of all image jobs; {} before
// there is a plan.
json::object to_json(const JobTrail& trail);
// invalid: not what to_json writes. A job of a version that kept no plans has an empty trail.
Outcome<JobTrail> job_trail_from_json(const json::object& facts);

}  // namespace lockstep::jobs
