// Where the states of jobs are kept. The ledger implements it above this floor.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "host/base/error.hpp"
#include "host/update/job.hpp"

namespace lockstep::update {

class Journal {
 public:
  virtual ~Journal() = default;

  // Makes `record` durable. A state is entered only after this returned success: a process killed at any
  // instruction finds either this record or the one before. `record` is borrowed until the coroutine ends.
  virtual asio::awaitable<Outcome<void>> save(const JobRecord& record) = 0;
};

}  // namespace lockstep::update
