#include "host/cli/update_commands.hpp"

#include "host/cli/answers.hpp"
#include "host/cli/job_view.hpp"

namespace lockstep::cli {
namespace {

struct UpdateOptions {
  std::string device, release;
  bool detach = false;
};

Outcome<void> run_update(Context& context, const UpdateOptions& o) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::runs));
  if (o.detach && client->in_process()) {
    return fail(ErrorKind::unreachable, "--detach leaves the work to a daemon, and none is running", "start `lockstepd`, or leave --detach out");
  }
  LOCKSTEP_TRY(job, client->post("/v1/jobs", {{"device", o.device}, {"release", o.release}}));
  if (!o.detach) {
    LOCKSTEP_TRY(ended, follow_job(context.terminal, *client, text_of(job, "job")));
    job = std::move(ended);
  }
  context.terminal.show(document(job), job_details(job));
  return o.detach ? Outcome<>() : judge_job(job);
}

}  // namespace

void add_update_commands(Command app, Context& context) {
  auto& update = context.keep<UpdateOptions>();
  Command command = app.add_subcommand("update", "Bring one device to a release, by hand, and see it proved (no gate: for benches and repairs)");
  command.add_option("device", update.device, "Name of the device").required().type_name("DEVICE");
  command.add_option("--to", update.release, "Release: PRODUCT@VERSION, or what is enough to name it")
      .required().type_name("RELEASE");
  command.add_flag("--detach", update.detach, "Do not wait (a daemon must be running)");
  context.on_run(command, [&] { return run_update(context, update); });
}

}  // namespace lockstep::cli
