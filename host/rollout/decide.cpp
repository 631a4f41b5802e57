#include "host/rollout/decide.hpp"

#include <algorithm>

namespace lockstep::rollout {
namespace {

// Works on a copy of the facts: every intent is applied to it at once, so later rules see what earlier ones decided.
class Decider {
 public:
  Decider(const RolloutFacts& facts, Time now) : facts_(facts), now_(now) {}

  Decision run() {
    for (std::size_t stage = 0; stage < facts_.stages.size(); ++stage) record_jobs(stage);
    if (facts_.phase == Phase::running && !halt()) go_on();
    find_next_deadline();
    return std::move(decision_);
  }

 private:
  StageFacts& stage(std::size_t index) { return facts_.stages[index]; }

  void record(std::size_t index, DeviceFacts& device, Mark mark, std::string reason) {
    device.counted = mark;
    decision_.intents.push_back(RecordResult{.stage = static_cast<std::int64_t>(index), .device = device.device,
                                             .job = device.job, .mark = mark, .reason = std::move(reason)});
  }

  bool past_deadline(const StageFacts& s, const DeviceFacts& device) const {
    return s.deadline_ms > 0 && now_ >= device.job_created + std::chrono::milliseconds(s.deadline_ms);
  }

  void record_jobs(std::size_t index) {
    StageFacts& s = stage(index);
    for (DeviceFacts& device : s.devices) {
      const bool open = device.counted == Mark::none || device.counted == Mark::silent;
      if (!open || device.job.empty()) continue;
      if (!device.job_running) {
        record(index, device, device.job_end, device.job_reason);
      } else if (device.counted == Mark::none && past_deadline(s, device)) {
        record(index, device, Mark::silent, "no result within " + std::to_string(s.deadline_ms / 1000) + " s");
      }
    }
  }

  // True when a stage has more bad devices than it tolerates.
  bool halt() {
    for (std::size_t index = 0; index < facts_.stages.size(); ++index) {
      const StageFacts& s = stage(index);
      Halt halt{.stage = static_cast<std::int64_t>(index), .reason = {}, .devices = {}};
      std::string names;
      for (const DeviceFacts& device : s.devices) {
        if (!is_bad(device.counted) || device.accepted) continue;
        halt.devices.push_back(device.device);
        names += (names.empty() ? "" : ", ") + device.device + " " + std::string(text(device.counted));
        const std::string why = reason_of(device);
        if (!why.empty()) names += " (" + why + ")";
      }
      if (static_cast<std::int64_t>(halt.devices.size()) <= s.budget) continue;
      halt.reason = s.name + ": " + std::to_string(halt.devices.size()) + " of " + std::to_string(s.devices.size()) +
                    " devices bad, tolerated " + std::to_string(s.budget) + ": " + names;
      decision_.intents.push_back(std::move(halt));
      return true;
    }
    return false;
  }

  std::string reason_of(const DeviceFacts& device) const {
    if (device.counted == Mark::silent) return "no result in time";
    return device.job_reason;
  }

  void go_on() {
    if (facts_.stages.empty()) return;
    if (facts_.stage < 0) start_stage(0);
    auto index = static_cast<std::size_t>(facts_.stage);
    while (true) {
      record_already_there(index);
      if (!settled(stage(index))) return start_jobs(index);
      if (index + 1 == facts_.stages.size()) return complete();
      start_stage(++index);
    }
  }

  void start_stage(std::size_t index) {
    facts_.stage = static_cast<std::int64_t>(index);
    decision_.intents.push_back(StartStage{.stage = facts_.stage, .name = stage(index).name});
  }

  void record_already_there(std::size_t index) {
    for (DeviceFacts& device : stage(index).devices) {
      if (device.counted == Mark::none && device.job.empty() && !device.busy && device.runs_release) {
        record(index, device, Mark::succeeded, "it already ran the release");
      }
    }
  }

  // Every device has its result, and no silent job can still be at work.
  static bool settled(const StageFacts& s) {
    return std::all_of(s.devices.begin(), s.devices.end(), [](const DeviceFacts& device) {
      return device.counted != Mark::none && !device.job_running;
    });
  }

  void start_jobs(std::size_t index) {
    StageFacts& s = stage(index);
    std::int64_t running = std::count_if(s.devices.begin(), s.devices.end(), [](const auto& d) { return d.job_running; });
    for (DeviceFacts& device : s.devices) {
      if (running >= s.max_parallel) return;
      if (device.counted != Mark::none || !device.job.empty() || device.busy) continue;
      decision_.intents.push_back(StartJob{.stage = static_cast<std::int64_t>(index), .device = device.device});
      device.busy = true;
      device.job_running = true;
      device.job_created = now_;
      ++running;
    }
  }

  void complete() {
    Complete done;
    for (const StageFacts& s : facts_.stages) {
      for (const DeviceFacts& device : s.devices) ++(is_bad(device.counted) ? done.bad : done.succeeded);
    }
    decision_.intents.push_back(done);
  }

  void find_next_deadline() {
    for (const StageFacts& s : facts_.stages) {
      for (const DeviceFacts& device : s.devices) {
        if (!device.job_running || device.counted != Mark::none || s.deadline_ms <= 0) continue;
        const Time deadline = device.job_created + std::chrono::milliseconds(s.deadline_ms);
        if (!decision_.again_at || deadline < *decision_.again_at) decision_.again_at = deadline;
      }
    }
  }

  RolloutFacts facts_;
  const Time now_;
  Decision decision_;
};

}  // namespace

Decision decide(const RolloutFacts& facts, Time now) { return Decider(facts, now).run(); }

}  // namespace lockstep::rollout
