// The same work on several threads, with their failures.
#pragma once

#include <functional>

namespace lockstep::board {

// Calls `work` with 0 to threads-1, each on a thread of its own, and waits for all. Rethrows the first exception.
void in_parallel(unsigned threads, const std::function<void(unsigned)>& work);

}  // namespace lockstep::board
