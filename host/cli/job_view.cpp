#include "host/cli/job_view.hpp"

#include <fmt/format.h>

#include "host/cli/answers.hpp"
#include "host/cli/resource.hpp"

namespace lockstep::cli {
namespace {

// The live state when the job is at work in the daemon, else the recorded one.
std::string state_of(const json::object& job) {
  const json::object& progress = object_of(job, "progress");
  return progress.empty() ? text_of(job, "state") : text_of(progress, "state");
}

}  // namespace

void JobView::show(const json::object& job) {
  const std::string device = text_of(job, "device");
  show_step(device, object_of(job, "facts"));
  const json::object& progress = object_of(job, "progress");
  const std::string state = state_of(job);
  const auto total = static_cast<std::uint64_t>(number_of(progress, "total_bytes"));
  // One step of several has succeeded: the next one says what happens.
  const bool only_step_done = state == "succeeded" && text_of(job, "outcome").empty();
  if (state == "uploading" && total > 0) {
    if (!bar_) bar_.emplace(terminal_, device + ": uploading", total);
    bar_->update(static_cast<std::uint64_t>(number_of(progress, "done_bytes")));
  } else if (state != last_ && state != "walking" && !only_step_done) {
    bar_.reset();
    terminal_.note(device + ": " + state);
  }
  last_ = state;
}

void JobView::show_step(const std::string& device, const json::object& facts) {
  const std::string doing = text_of(facts, "doing");
  if (doing.empty() || doing == doing_) return;
  doing_ = doing;
  bar_.reset();
  terminal_.note(fmt::format("{}: step {} of {}: {}", device, number_of(facts, "step"), number_of(facts, "steps"), doing));
}

std::string state_text(const json::object& job) {
  if (const std::string outcome = text_of(job, "outcome"); !outcome.empty()) return outcome;
  const std::string state = state_of(job);
  const json::object& progress = object_of(job, "progress");
  const std::int64_t total = number_of(progress, "total_bytes");
  if (state != "uploading" || total <= 0) return state;
  return fmt::format("uploading {} %", 100 * number_of(progress, "done_bytes") / total);
}

Details job_details(const json::object& job) {
  Details details;
  details.line("device", text_of(job, "device"));
  details.line("release", text_of(job, "release"));
  details.line("job", text_of(job, "job"));
  if (const std::string rollout = text_of(job, "rollout"); !rollout.empty()) details.line("rollout", rollout);
  const bool over = !text_of(job, "outcome").empty();
  const json::object& facts = object_of(job, "facts");
  if (const std::string doing = text_of(facts, "doing"); !over && !doing.empty())
    details.line("step", fmt::format("{} of {}: {}", number_of(facts, "step"), number_of(facts, "steps"), doing));
  if (!over) details.line("state", state_text(job) + (flag_of(object_of(job, "progress"), "cancelling") ? ", to be cancelled" : ""));
  details.line("outcome", over ? text_of(job, "outcome") : "under way");
  if (const std::string reason = line_of(job, "reason"); !reason.empty()) details.line("reason", reason);
  return details;
}

Outcome<json::object> follow_job(Terminal& terminal, ApiClient& client, const std::string& job) {
  LOCKSTEP_TRY(path, path_of(all_jobs, job));
  JobView view(terminal);
  int idle = 0;  // looks in a row at which nobody worked on it; one may fall between its end and the record of that
  LOCKSTEP_TRY(last, client.watch(path, {}, [&](const json::object& now) {
    view.show(now);
    const bool over = !text_of(now, "outcome").empty();
    idle = over || now.contains("progress") ? 0 : idle + 1;
    return over || idle > 1;
  }));
  if (!text_of(last, "outcome").empty()) return last;
  const std::string device = text_of(last, "device"), release = text_of(last, "release");
  return fail(ErrorKind::conflict, fmt::format("job {} has not ended, and nobody works on it (the daemon's log says why)", job),
              fmt::format("`lockstep update {} --to {}` goes on with it, and so does a restart of lockstepd", device, release));
}

Outcome<> judge_job(const json::object& job) {
  const std::string outcome = text_of(job, "outcome");
  if (outcome == "succeeded") return {};
  const ErrorKind kind = outcome == "unreachable" ? ErrorKind::unreachable : ErrorKind::device;
  return fail(kind, text_of(job, "device") + " ended as " + outcome + ": " + text_of(job, "reason"),
              "`lockstep audit log --subject job/" + text_of(job, "job") + "` shows every step");
}

}  // namespace lockstep::cli
