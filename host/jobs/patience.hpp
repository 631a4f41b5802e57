// Asking a device that may just be booting.
#pragma once

#include <chrono>
#include <type_traits>

#include "host/base/error.hpp"
#include "host/link/deadline.hpp"
#include "host/update/job.hpp"

namespace lockstep::jobs {

// What `ask()` (an awaitable Outcome) gives, asked again while the device is unreachable, for policy.first_answer at most.
template <class Ask>
std::invoke_result_t<Ask&> patiently(update::Policy policy, Ask ask) {
  const auto until = std::chrono::steady_clock::now() + policy.first_answer;
  for (;;) {
    auto answer = co_await ask();
    const bool silent = !answer && answer.error().kind == ErrorKind::unreachable;
    if (!silent || std::chrono::steady_clock::now() >= until) co_return answer;
    auto slept = co_await link::sleep_for(policy.return_every);
    if (!slept) co_return Fail(std::move(slept).error());
  }
}

}  // namespace lockstep::jobs
