#include "host/cli/job_commands.hpp"

#include <fmt/format.h>

#include "host/cli/answers.hpp"
#include "host/cli/job_view.hpp"
#include "host/cli/resource.hpp"

namespace lockstep::cli {
namespace {

struct ListOptions {
  std::string device;
  bool active = false;
};

struct JobOptions {
  std::string job;
  bool watch = false;
};

Outcome<> run_list(Context& context, const ListOptions& o) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/jobs"));
  Table table{"JOB", "DEVICE", "RELEASE", "STATE", "CREATED", "REASON"};
  json::array shown;
  for_each_object(answer, "jobs", [&](const json::object& job) {
    if (o.active && !text_of(job, "outcome").empty()) return;
    if (!o.device.empty() && text_of(job, "device") != o.device) return;
    table.row({text_of(job, "job"), text_of(job, "device"), text_of(job, "release"), state_text(job), text_of(job, "created"),
               line_of(job, "reason")});
    shown.push_back(job);
  });
  context.terminal.show(json::object{{"jobs", std::move(shown)}}, table);
  return {};
}

Outcome<> run_show(Context& context, const JobOptions& o) {
  LOCKSTEP_TRY(path, path_of(all_jobs, o.job));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, o.watch ? Work::runs : Work::none));
  LOCKSTEP_TRY(job, client->get(path));
  if (o.watch) {
    LOCKSTEP_TRY(ended, follow_job(context.terminal, *client, o.job));
    job = std::move(ended);
  }
  context.terminal.show(document(job), job_details(job));
  return o.watch ? judge_job(job) : Outcome<>();
}

Outcome<> run_cancel(Context& context, const JobOptions& o) {
  LOCKSTEP_TRY(path, path_of(all_jobs, o.job));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::runs));
  LOCKSTEP_TRY(job, client->post(path + "/cancel"));
  if (o.watch || client->in_process()) {
    LOCKSTEP_TRY(ended, follow_job(context.terminal, *client, o.job));
    job = std::move(ended);
  }
  context.terminal.show(document(job), job_details(job));
  const std::string outcome = text_of(job, "outcome");
  if (outcome.empty() || outcome == "cancelled") return {};
  return fail(ErrorKind::conflict, fmt::format("job {} was not cancelled in time: it ended as {}", o.job, outcome));
}

}  // namespace

void add_job_commands(Command app, Context& context) {
  Command noun = add_noun(app, "job", "Updates of single devices: those under way, and how the others ended");

  auto& list = context.keep<ListOptions>();
  Command command = noun.add_subcommand("list", "All jobs, the newest first");
  command.add_flag("--active", list.active, "Only those that have not ended");
  command.add_option("--device", list.device, "Only those of this device").type_name("NAME");
  context.on_run(command, [&] { return run_list(context, list); });

  auto& show = context.keep<JobOptions>();
  command = noun.add_subcommand("show", "What a job does, or how it ended");
  command.add_option("job", show.job, "Id, as `job list` shows it").required().type_name("JOB");
  command.add_flag("--watch", show.watch, "Stay until it has ended; exit 1 when it did not succeed");
  context.on_run(command, [&] { return run_show(context, show); });

  auto& cancel = context.keep<JobOptions>();
  command = noun.add_subcommand("cancel", "End a job where nothing is on trial; the device keeps what it runs");
  command.add_option("job", cancel.job, "Id, as `job list` shows it").required().type_name("JOB");
  command.add_flag("--watch", cancel.watch, "Stay until it has ended");
  context.on_run(command, [&] { return run_cancel(context, cancel); });
}

}  // namespace lockstep::cli
