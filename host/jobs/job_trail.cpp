#include "host/jobs/job_trail.hpp"

namespace lockstep::jobs {

update::JobFacts summed(const update::JobFacts& a, const update::JobFacts& b) {
  update::JobFacts sum;
  sum.resets = a.resets + b.resets;
  sum.link_losses = a.link_losses + b.link_losses;
  sum.patch_failures = a.patch_failures + b.patch_failures;
  sum.saved_bytes = a.saved_bytes + b.saved_bytes;
  return sum;
}

namespace {

json::object counts_json(const update::JobFacts& facts) {
  return {{"resets", std::int64_t(facts.resets)},
          {"link_losses", std::int64_t(facts.link_losses)},
          {"patch_failures", std::int64_t(facts.patch_failures)},
          {"saved_bytes", std::int64_t(facts.saved_bytes)}};
}

json::object image_json(const update::JobRecord& record) {
  json::object out = update::to_json(record.facts);
  out["job"] = record.job_id;
  out["state"] = update::name(record.state);
  return out;
}

Outcome<update::JobRecord> image_from_json(const json::object& json) {
  LOCKSTEP_TRY(job, json_text(json, "job"));
  LOCKSTEP_TRY(state_name, json_text(json, "state"));
  const auto state = update::state_from_name(state_name);
  if (!state) return fail(ErrorKind::invalid, "its image job is in state '" + std::string(state_name) + "', unknown to this version");
  LOCKSTEP_TRY(facts, update::job_facts_from_json(json));
  return update::JobRecord{std::string(job), *state, std::move(facts)};
}

}  // namespace

json::object to_json(const JobTrail& trail) {
  if (trail.plan.empty()) return {};
  const bool under_way = !trail.image.job_id.empty() && !update::is_end(trail.image.state);
  json::object out = counts_json(under_way ? summed(trail.ended, trail.image.facts) : trail.ended);
  out["plan"] = trail.plan;
  out["step"] = static_cast<std::int64_t>(trail.step + 1);
  out["steps"] = static_cast<std::int64_t>(trail.steps);
  out["doing"] = trail.doing;
  out["ended"] = counts_json(trail.ended);
  if (!trail.image.job_id.empty()) out["image"] = image_json(trail.image);
  return out;
}

Outcome<JobTrail> job_trail_from_json(const json::object& facts) {
  JobTrail trail;
  if (!facts.contains("plan")) return trail;
  LOCKSTEP_TRY(plan, json_text(facts, "plan"));
  LOCKSTEP_TRY(step, json_unsigned(facts, "step"));
  LOCKSTEP_TRY(steps, json_unsigned(facts, "steps"));
  LOCKSTEP_TRY(doing, json_text(facts, "doing"));
  LOCKSTEP_TRY(ended, json_object(facts, "ended"));
  LOCKSTEP_TRY(counts, update::job_facts_from_json(*ended));
  if (step == 0) return fail(ErrorKind::invalid, "member \"step\" counts from 1");
  trail.plan = plan;
  trail.step = step - 1;
  trail.steps = steps;
  trail.doing = doing;
  trail.ended = std::move(counts);
  if (!facts.contains("image")) return trail;
  LOCKSTEP_TRY(image, json_object(facts, "image"));
  LOCKSTEP_TRY(record, image_from_json(*image));
  trail.image = std::move(record);
  return trail;
}

}  // namespace lockstep::jobs
