// Who carries jobs out.
#pragma once

#include "host/store/queries.hpp"

namespace lockstep::jobs {

class JobStarter {
 public:
  virtual ~JobStarter() = default;
  // Returns at once. `job` is in the store as "queued". After a crash between the store and this call nobody calls again: at
  // its start the daemon runs all unfinished jobs of the store, whoever made them.
  virtual void start_job(store::JobRow job) = 0;
};

}  // namespace lockstep::jobs
