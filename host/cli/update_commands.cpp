#include "host/cli/update_commands.hpp"

#include <fmt/format.h>

#include <optional>

#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/progress.hpp"

namespace lockstep::cli {
namespace {

struct UpdateOptions {
  std::string device, release;
  bool detach = false;
};

// Shows a job as it moves: a bar while the image goes over, a line for every other state.
class JobView {
 public:
  explicit JobView(Terminal& terminal, std::string device) : terminal_(terminal), device_(std::move(device)) {}

  void show(const json::object& job) {
    show_step(object_of(job, "facts"));
    const json::object& progress = object_of(job, "progress");
    const std::string state = progress.empty() ? text_of(job, "state") : text_of(progress, "state");
    const auto total = static_cast<std::uint64_t>(number_of(progress, "total_bytes"));
    if (state == "uploading" && total > 0) {
      if (!bar_) bar_.emplace(terminal_, device_ + ": uploading", total);
      bar_->update(static_cast<std::uint64_t>(number_of(progress, "done_bytes")));
    } else if (state != last_ && state != "walking") {
      bar_.reset();
      terminal_.note(device_ + ": " + state);
    }
    last_ = state;
  }

 private:
  void show_step(const json::object& facts) {
    const std::string doing = text_of(facts, "doing");
    if (doing.empty() || doing == doing_) return;
    doing_ = doing;
    bar_.reset();
    terminal_.note(fmt::format("{}: step {} of {}: {}", device_, number_of(facts, "step"), number_of(facts, "steps"), doing));
  }

  Terminal& terminal_;
  std::string device_;
  std::string doing_;
  std::string last_;
  std::optional<Progress> bar_;
};

Outcome<void> judge(const json::object& job) {
  const std::string outcome = text_of(job, "outcome");
  if (outcome == "succeeded") return {};
  const ErrorKind kind = outcome == "unreachable" ? ErrorKind::unreachable : ErrorKind::device;
  return fail(kind, text_of(job, "device") + " ended as " + outcome + ": " + text_of(job, "reason"),
              "`lockstep audit log --subject job/" + text_of(job, "job") + "` shows every step");
}

Outcome<void> run_update(Context& context, const UpdateOptions& o) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::runs));
  if (o.detach && client->in_process()) {
    return fail(ErrorKind::unreachable, "--detach leaves the work to a daemon, and none is running", "start `lockstepd`, or leave --detach out");
  }
  LOCKSTEP_TRY(job, client->post("/v1/jobs", {{"device", o.device}, {"release", o.release}}));
  if (!o.detach) {
    JobView view(context.terminal, o.device);
    LOCKSTEP_TRY(ended, client->watch("/v1/jobs/" + text_of(job, "job"), {}, [&](const json::object& now) {
      view.show(now);
      return !text_of(now, "outcome").empty();
    }));
    job = std::move(ended);
  }
  Details details;
  details.line("device", text_of(job, "device"));
  details.line("release", text_of(job, "release"));
  details.line("job", text_of(job, "job"));
  const std::string outcome = text_of(job, "outcome");
  details.line("outcome", outcome.empty() ? "under way" : outcome);
  if (const std::string reason = text_of(job, "reason"); !reason.empty()) details.line("reason", reason);
  context.terminal.show(document(job), details);
  if (outcome.empty()) return {};
  return judge(job);
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
