// What people do with rollouts. Each function runs on the store's thread (StoreThread::run), checks that the present
// state allows it, and appends the event.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/store/store.hpp"

namespace lockstep::rollout {

// How a list of devices becomes a canary and a fleet stage.
struct StageSpec {
  std::string canary = "1";          // a number of devices or "10%" (rounded up, at least one)
  std::int64_t canary_parallel = 1;
  std::int64_t fleet_parallel = 4;
  std::int64_t canary_budget = 0;    // any bad device halts
  std::int64_t fleet_budget = 0;
  std::chrono::milliseconds deadline = std::chrono::minutes(10);  // of one job, from its creation
};

// The first devices of the list are the canary. One stage only when the canary takes all.
// invalid - no device, one twice, or a figure out of range.
Outcome<std::vector<store::StagePlan>> plan_stages(const std::vector<std::string>& devices, const StageSpec& spec);

struct RolloutRequest {
  std::string release;                  // id
  std::vector<store::StagePlan> stages;
  std::vector<std::string> evidence;    // digests the gate accepted; the caller has asked the gate
};

// Makes the rollout; the coordinator starts its first stage. Gives its id.
//   not_found - release or a device is unknown
//   conflict  - a device is in another rollout that is not completed or halted
Outcome<std::string> create_rollout(store::Store& store, const RolloutRequest& request, std::string_view actor);

// not_found; conflict - not running (or, for resume, neither paused nor halted).
Outcome<void> pause_rollout(store::Store& store, std::string_view id, std::string_view reason, std::string_view actor);
Outcome<void> halt_rollout(store::Store& store, std::string_view id, std::string_view reason, std::string_view actor);
// After a halt this accepts the devices that are bad now; they keep their result and no longer count against the
// budget.
Outcome<void> resume_rollout(store::Store& store, std::string_view id, std::string_view reason, std::string_view actor);

}  // namespace lockstep::rollout
