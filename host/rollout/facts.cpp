#include "host/rollout/facts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace lockstep::rollout {
namespace {

constexpr std::array<std::pair<Phase, std::string_view>, 4> phases = {{
    {Phase::running, "running"}, {Phase::paused, "paused"}, {Phase::halted, "halted"}, {Phase::completed, "completed"}}};

constexpr std::array<std::pair<Mark, std::string_view>, 7> marks = {{
    {Mark::none, ""}, {Mark::succeeded, "succeeded"}, {Mark::reverted, "reverted"}, {Mark::failed, "failed"},
    {Mark::unreachable, "unreachable"}, {Mark::cancelled, "cancelled"}, {Mark::silent, "silent"}}};

Outcome<Mark> read_mark(std::string_view word) {
  if (const auto mark = mark_from_text(word)) return *mark;
  return fail(ErrorKind::invalid, "unknown result of a device: " + printable(word));
}

Outcome<Phase> read_phase(std::string_view word) {
  for (const auto& [phase, name] : phases) {
    if (name == word) return phase;
  }
  return fail(ErrorKind::invalid, "unknown state of a rollout: " + printable(word));
}

// Adds what is known of the rollout's last job on the device.
Outcome<void> add_job(store::Queries& queries, const std::string& id, DeviceFacts& facts) {
  LOCKSTEP_TRY(job, queries.find_job(id));
  if (!job) return fail(ErrorKind::internal, "job " + id + " is missing");
  LOCKSTEP_TRY(created, parse_time(job->created));
  LOCKSTEP_TRY(end, read_mark(job->outcome));
  facts.job = id;
  facts.job_running = job->finished.empty();
  facts.job_created = created;
  facts.job_end = end;
  facts.job_reason = job->reason;
  return {};
}

}  // namespace

std::string_view text(Phase phase) {
  for (const auto& [value, name] : phases) {
    if (value == phase) return name;
  }
  return "";
}

std::string_view text(Mark mark) {
  for (const auto& [value, name] : marks) {
    if (value == mark) return name;
  }
  return "";
}

std::optional<Mark> mark_from_text(std::string_view word) {
  for (const auto& [mark, name] : marks) {
    if (name == word) return mark;
  }
  return std::nullopt;
}

bool runs_release(const store::DeviceRow& device, const std::vector<store::ReleaseImage>& images) {
  if (images.empty() || device.health != "healthy") return false;
  return std::all_of(images.begin(), images.end(), [&](const store::ReleaseImage& image) {
    return std::any_of(device.components.begin(), device.components.end(), [&](const store::ComponentReport& report) {
      return report.component == image.component && report.image_hash == image.image_hash && report.confirmed;
    });
  });
}

Outcome<RolloutFacts> read_facts(store::Queries& queries, std::string_view id) {
  LOCKSTEP_TRY(rollout, queries.find_rollout(id));
  if (!rollout) return fail(ErrorKind::not_found, "there is no rollout " + printable(id), "see `lockstep rollout status`");
  LOCKSTEP_TRY(release, queries.find_release(rollout->release));
  if (!release) return fail(ErrorKind::internal, "release " + rollout->release + " is missing");
  LOCKSTEP_TRY(phase, read_phase(rollout->state));
  RolloutFacts facts{.id = rollout->id, .release = rollout->release, .phase = phase, .reason = rollout->reason,
                     .stage = rollout->stage, .stages = {}};
  for (const store::StagePlan& plan : rollout->stages) {
    facts.stages.push_back({.name = plan.name, .max_parallel = plan.max_parallel, .budget = plan.budget,
                            .deadline_ms = plan.deadline_ms, .devices = {}});
  }
  for (const store::RolloutDevice& place : rollout->devices) {
    LOCKSTEP_TRY(device, queries.find_device(place.device));
    if (!device || place.stage < 0 || place.stage >= static_cast<std::int64_t>(facts.stages.size())) {
      return fail(ErrorKind::internal, "the place of device " + place.device + " in rollout " + rollout->id + " is wrong");
    }
    LOCKSTEP_TRY(counted, read_mark(place.outcome));
    DeviceFacts one{.device = place.device, .runs_release = runs_release(*device, release->images), .counted = counted,
                    .accepted = place.accepted, .busy = !device->active_job.empty()};
    one.job_reason = place.reason;
    if (!place.job.empty()) LOCKSTEP_CHECK(add_job(queries, place.job, one));
    facts.stages[static_cast<std::size_t>(place.stage)].devices.push_back(std::move(one));
  }
  return facts;
}

std::vector<StageCounts> count(const RolloutFacts& facts) {
  std::vector<StageCounts> out;
  for (const StageFacts& stage : facts.stages) {
    StageCounts& c = out.emplace_back();
    c.name = stage.name;
    c.devices = static_cast<std::int64_t>(stage.devices.size());
    c.most_victims = std::min(c.devices, stage.budget + stage.max_parallel);
    for (const DeviceFacts& device : stage.devices) {
      c.succeeded += device.counted == Mark::succeeded;
      c.reverted += device.counted == Mark::reverted;
      c.failed += device.counted == Mark::failed;
      c.unreachable += device.counted == Mark::unreachable;
      c.cancelled += device.counted == Mark::cancelled;
      c.silent += device.counted == Mark::silent;
      c.accepted += is_bad(device.counted) && device.accepted;
      c.running += device.counted == Mark::none && device.job_running;
      c.waiting += device.counted == Mark::none && !device.job_running;
    }
  }
  return out;
}

}  // namespace lockstep::rollout
