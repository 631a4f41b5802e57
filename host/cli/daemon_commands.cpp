#include "host/cli/daemon_commands.hpp"

#include "host/api/http_client.hpp"
#include "host/api/router.hpp"
#include "host/base/state_dir.hpp"
#include "host/cli/answers.hpp"

namespace lockstep::cli {
namespace {

Outcome<void> run_status(Context& context) {
  const std::filesystem::path state = context.state_folder.empty() ? default_state_dir() : context.state_folder;
  LOCKSTEP_TRY(response, api::http_request(daemon_socket(state), {"GET", "/v1/status", {}, {}}, api::status_limit));
  LOCKSTEP_TRY(value, api::parse_answer(response));
  if (!value.is_object()) return fail(ErrorKind::internal, "the daemon's status is no JSON object");
  const json::object& status = value.as_object();
  Details details;
  for (const char* member : {"version", "origin", "pid", "state", "up_seconds", "head"}) {
    details.line(member, text_of(status, member));
  }
  context.terminal.show(document(status), details);
  return {};
}

}  // namespace

void add_daemon_commands(Command app, Context& context) {
  Command noun = add_noun(app, "daemon", "The daemon of this state");
  Command command = noun.add_subcommand("status", "Is one running, since when, how long is its ledger");
  context.on_run(command, [&] { return run_status(context); });
}

}  // namespace lockstep::cli
