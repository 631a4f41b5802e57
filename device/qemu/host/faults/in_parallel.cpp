#include "device/qemu/host/faults/in_parallel.hpp"

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace lockstep::board {

void in_parallel(unsigned threads, const std::function<void(unsigned)>& work) {
  std::mutex failing;
  std::exception_ptr failure;
  {
    std::vector<std::jthread> running;
    for (unsigned i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        try {
          work(i);
        } catch (...) {
          const std::scoped_lock lock(failing);
          if (!failure) failure = std::current_exception();
        }
      });
    }
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lockstep::board
