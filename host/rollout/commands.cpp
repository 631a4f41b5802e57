#include "host/rollout/commands.hpp"

#include <charconv>
#include <set>

#include "host/base/ids.hpp"
#include "host/base/text.hpp"
#include "host/rollout/facts.hpp"

namespace lockstep::rollout {
namespace {

// "3" or "10%" of `all`, rounded up.
Outcome<std::size_t> canary_size(std::string_view spec, std::size_t all) {
  const bool percent = spec.ends_with('%');
  const std::string_view digits = percent ? spec.substr(0, spec.size() - 1) : spec;
  std::size_t number = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool wrong = ec != std::errc() || end != digits.data() + digits.size() || number == 0 || (percent && number > 100);
  if (wrong) {
    return fail(ErrorKind::invalid, "\"" + printable(spec) + "\" is no size for a canary", "give a number of devices, or a share like 10%");
  }
  if (!percent) return std::min(number, all);
  return std::max<std::size_t>(1, (all * number + 99) / 100);
}

Outcome<void> check_stages(const std::vector<store::StagePlan>& stages) {
  std::set<std::string_view> seen;
  if (stages.empty()) return fail(ErrorKind::invalid, "a rollout needs at least one stage");
  for (const store::StagePlan& stage : stages) {
    if (stage.devices.empty()) return fail(ErrorKind::invalid, "stage " + stage.name + " has no devices");
    if (stage.max_parallel < 1) return fail(ErrorKind::invalid, "stage " + stage.name + " must run at least one job at once");
    if (stage.budget < 0 || stage.deadline_ms < 0) {
      return fail(ErrorKind::invalid, "budget and deadline of stage " + stage.name + " must not be negative");
    }
    for (const std::string& device : stage.devices) {
      if (!seen.insert(device).second) return fail(ErrorKind::invalid, "device " + device + " is named twice");
    }
  }
  return {};
}

// One device is in one unfinished rollout at most: two coordinating its versions would fight.
// `itself`: the rollout that asks, when there is one already.
Outcome<void> check_not_elsewhere(store::Store& store, const std::vector<store::StagePlan>& stages, std::string_view itself = {}) {
  std::set<std::string_view> wanted;
  for (const store::StagePlan& stage : stages) wanted.insert(stage.devices.begin(), stage.devices.end());
  LOCKSTEP_TRY(rollouts, store.queries().rollouts());
  for (const store::RolloutRow& rollout : rollouts) {
    if (rollout.id == itself || (rollout.state != "running" && rollout.state != "paused")) continue;
    for (const store::RolloutDevice& device : rollout.devices) {
      if (!wanted.contains(device.device)) continue;
      return fail(ErrorKind::conflict, "device " + device.device + " is in rollout " + rollout.id + ", which is " + rollout.state,
                  "`lockstep rollout status --watch " + rollout.id + "` goes on with it, `lockstep rollout halt " + rollout.id + "` stops it");
    }
  }
  return {};
}

Outcome<void> append(store::Store& store, store::EventBody body, std::string_view actor) {
  const auto stored = store.append(std::move(body), actor);
  if (!stored) return Fail(stored.error());
  return {};
}

}  // namespace

Outcome<std::vector<store::StagePlan>> plan_stages(const std::vector<std::string>& devices, const StageSpec& spec) {
  if (devices.empty()) return fail(ErrorKind::invalid, "there is no device to roll out to");
  LOCKSTEP_TRY(canary, canary_size(spec.canary, devices.size()));
  const auto split = devices.begin() + static_cast<std::ptrdiff_t>(canary);
  std::vector<store::StagePlan> stages;
  stages.push_back({.name = "canary", .devices = {devices.begin(), split}, .max_parallel = spec.canary_parallel,
                    .budget = spec.canary_budget, .deadline_ms = spec.deadline.count()});
  if (split != devices.end()) {
    stages.push_back({.name = "fleet", .devices = {split, devices.end()}, .max_parallel = spec.fleet_parallel,
                      .budget = spec.fleet_budget, .deadline_ms = spec.deadline.count()});
  }
  LOCKSTEP_CHECK(check_stages(stages));
  return stages;
}

Outcome<std::string> create_rollout(store::Store& store, const RolloutRequest& request, std::string_view actor) {
  LOCKSTEP_CHECK(check_stages(request.stages));
  LOCKSTEP_TRY(release, store.queries().find_release(request.release));
  if (!release) return fail(ErrorKind::not_found, "there is no release " + printable(request.release), "see `lockstep release list`");
  if (release->images.empty()) return fail(ErrorKind::invalid, "release " + release->id + " has no firmware to roll out");
  LOCKSTEP_CHECK(check_not_elsewhere(store, request.stages));
  store::RolloutCreated created{.rollout = new_id("rollout"), .release = release->id, .manifest_digest = release->manifest_digest,
                                .stages = request.stages, .evidence = request.evidence};
  std::string id = created.rollout;
  LOCKSTEP_CHECK(append(store, std::move(created), actor));
  return id;
}

Outcome<void> pause_rollout(store::Store& store, std::string_view id, std::string_view reason, std::string_view actor) {
  LOCKSTEP_TRY(facts, read_facts(store.queries(), id));
  return append(store, store::RolloutPaused{.rollout = facts.id, .reason = std::string(reason)}, actor);
}

Outcome<void> halt_rollout(store::Store& store, std::string_view id, std::string_view reason, std::string_view actor) {
  LOCKSTEP_TRY(facts, read_facts(store.queries(), id));
  return append(store, store::RolloutHalted{.rollout = facts.id, .stage = facts.stage, .reason = std::string(reason), .devices = {}}, actor);
}

Outcome<void> resume_rollout(store::Store& store, std::string_view id, std::string_view reason, std::string_view actor) {
  LOCKSTEP_TRY(facts, read_facts(store.queries(), id));
  // While it was halted its devices were free for others.
  LOCKSTEP_TRY(row, store.queries().find_rollout(facts.id));
  if (row) LOCKSTEP_CHECK(check_not_elsewhere(store, row->stages, facts.id));
  store::RolloutResumed resumed{.rollout = facts.id, .reason = std::string(reason), .accepted = {}};
  // After a pause nothing has been halted about, so nothing is accepted.
  for (const StageFacts& stage : facts.stages) {
    for (const DeviceFacts& device : stage.devices) {
      if (facts.phase == Phase::halted && is_bad(device.counted) && !device.accepted) resumed.accepted.push_back(device.device);
    }
  }
  return append(store, std::move(resumed), actor);
}

}  // namespace lockstep::rollout
