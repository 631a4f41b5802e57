#include "host/cli/rollout_commands.hpp"

#include "host/base/files.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/resource.hpp"

namespace lockstep::cli {
namespace {

struct StartOptions {
  std::string release, canary = "1";
  std::vector<std::string> devices;
  std::vector<std::filesystem::path> suites;
  bool all = false, watch = false;
  std::int64_t max_parallel = 4, budget = 0, deadline_seconds = 600;
};

struct NameOptions {
  std::string rollout = "latest", reason;
  bool watch = false;
};

bool is_over(const json::object& rollout) {
  const std::string state = text_of(rollout, "state");
  return state == "completed" || state == "halted";
}

std::string counts_line(const json::object& stage) {
  std::string line = text_of(stage, "stage") + " " + text_of(stage, "succeeded") + "/" + text_of(stage, "total");
  for (const char* member : {"running", "reverted", "failed", "unreachable", "silent", "cancelled"}) {
    if (number_of(stage, member) > 0) line += std::string(", ") + member + " " + text_of(stage, member);
  }
  return line;
}

// "canary 2/2 | fleet 3/10, running 3"
std::string stages_line(const json::object& rollout) {
  std::string line;
  for_each_object(rollout, "stages", [&](const json::object& stage) { line += (line.empty() ? "" : " | ") + counts_line(stage); });
  return line;
}

// "node-05 uploading 41 %, node-06 returning"
std::string moving_line(const json::object& rollout) {
  std::string moving;
  const auto add = [&](const json::object& device) {
    const std::string state = text_of(device, "state");
    if (state.empty()) return;
    moving += (moving.empty() ? "" : ", ") + text_of(device, "device") + " " + state;
    const std::int64_t total = number_of(device, "total_bytes");
    if (state == "uploading" && total > 0) moving += " " + std::to_string(100 * number_of(device, "done_bytes") / total) + " %";
  };
  for_each_object(rollout, "stages", [&](const json::object& stage) { for_each_object(stage, "devices", add); });
  return moving;
}

std::string outcome_of(const json::object& device) {
  const std::string outcome = text_of(device, "outcome");
  if (!outcome.empty()) return outcome;
  if (const std::string state = text_of(device, "state"); !state.empty()) return state;
  return flag_of(device, "running") ? "running" : "waiting";
}

std::string rollout_text(const json::object& rollout) {
  Details details;
  details.line("rollout", text_of(rollout, "rollout"));
  details.line("release", text_of(rollout, "release"));
  details.line("state", text_of(rollout, "state"));
  if (const std::string reason = line_of(rollout, "reason"); !reason.empty()) details.line("reason", reason);
  Table table{"STAGE", "DEVICE", "OUTCOME", "REASON"};
  for_each_object(rollout, "stages", [&](const json::object& stage) {
    details.line("stage " + text_of(stage, "stage"),
                 counts_line(stage) + " (at most " + text_of(stage, "max_parallel") + " at once, tolerates " +
                     text_of(stage, "budget") + " bad, at most " + text_of(stage, "most_victims") + " can be hit)");
    for_each_object(stage, "devices", [&](const json::object& device) {
      table.row({text_of(stage, "stage"), text_of(device, "device"), outcome_of(device), line_of(device, "reason")});
    });
  });
  return details.text() + "\n" + table.text();
}

Outcome<void> judge(const json::object& rollout) {
  if (text_of(rollout, "state") != "halted") return {};
  return fail(ErrorKind::refused, text_of(rollout, "rollout") + " is halted: " + line_of(rollout, "reason"),
              "look at the devices it names; then `lockstep rollout resume` accepts them and goes on, or leave it halted");
}

Outcome<json::object> follow(Terminal& terminal, ApiClient& client, const std::string& id) {
  std::string last;
  return client.watch("/v1/rollouts/" + id, {}, [&](const json::object& now) {
    const std::string stages = stages_line(now), moving = moving_line(now);
    if (terminal.has_bar()) {
      terminal.draw("\r\x1b[2K" + (moving.empty() ? stages : stages + " | " + moving).substr(0, 150));
    } else if (stages != last) {
      terminal.note(stages);
    }
    last = stages;
    const bool over = is_over(now);
    if (over && terminal.has_bar()) terminal.draw("\r\x1b[2K");
    return over;
  });
}

Outcome<void> finish(Context& context, ApiClient& client, json::object rollout, bool watch) {
  if (watch && !is_over(rollout)) {
    auto ended = follow(context.terminal, client, text_of(rollout, "rollout"));
    if (!ended) return Fail(client.interrupted(ended.error(), "nothing is lost: `lockstep rollout status --watch` goes on with it, so does `lockstepd`"));
    rollout = *std::move(ended);
  }
  context.terminal.show(document(rollout), rollout_text(rollout));
  if (!watch) return {};
  return judge(rollout);
}

Outcome<json::array> suites_of(const StartOptions& o) {
  json::array suites;
  for (const std::filesystem::path& file : o.suites) {
    auto xml = read_text_file(file);
    if (!xml && xml.error().kind == ErrorKind::not_found) {
      return fail(ErrorKind::not_found, xml.error().what, "--suite wants the suite's file: its bytes say which tests must have passed");
    }
    if (!xml) return Fail(xml.error());
    suites.push_back(json::object{{"file", file.string()}, {"xml", *std::move(xml)}});
  }
  return suites;
}

Outcome<void> run_start(Context& context, const StartOptions& o) {
  LOCKSTEP_TRY(suites, suites_of(o));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::runs));
  const json::object body{{"release", o.release},
                          {"devices", json::array(o.devices.begin(), o.devices.end())},
                          {"all", o.all},
                          {"suites", std::move(suites)},
                          {"canary", o.canary},
                          {"max_parallel", o.max_parallel},
                          {"budget", o.budget},
                          {"deadline_seconds", o.deadline_seconds}};
  LOCKSTEP_TRY(rollout, client->post("/v1/rollouts", body));
  return finish(context, *client, std::move(rollout), o.watch || client->in_process());
}

Outcome<> run_list(Context& context) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get(std::string(all_rollouts.path)));
  Table table{"ROLLOUT", "RELEASE", "STATE", "STAGES", "REASON"};
  for_each_object(answer, "rollouts", [&](const json::object& rollout) {
    table.row({text_of(rollout, "rollout"), text_of(rollout, "release"), text_of(rollout, "state"), stages_line(rollout),
               line_of(rollout, "reason")});
  });
  context.terminal.show(document(std::move(answer)), table);
  return {};
}

Outcome<void> run_status(Context& context, const NameOptions& o) {
  LOCKSTEP_TRY(path, path_of(all_rollouts, o.rollout));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, o.watch ? Work::runs : Work::none));
  LOCKSTEP_TRY(rollout, client->get(path));
  if (!o.watch) {
    context.terminal.show(document(rollout), rollout_text(rollout));
    return {};
  }
  return finish(context, *client, std::move(rollout), true);
}

Outcome<void> run_change(Context& context, const NameOptions& o, const std::string& verb) {
  LOCKSTEP_TRY(path, path_of(all_rollouts, o.rollout));
  const Work work = verb == "resume" ? Work::runs : Work::none;
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, work));
  json::object body;
  if (!o.reason.empty()) body["reason"] = o.reason;
  LOCKSTEP_TRY(rollout, client->post(path + "/" + verb, body));
  const bool watch = o.watch || (verb == "resume" && client->in_process());
  return finish(context, *client, std::move(rollout), watch);
}

void add_start(Command noun, Context& context) {
  auto& o = context.keep<StartOptions>();
  Command command = noun.add_subcommand("start", "Promote a release: a canary first, then the rest");
  command.add_option("release", o.release, "Release: PRODUCT@VERSION").required().type_name("RELEASE");
  command.add_option("--devices", o.devices, "Devices, the canary first: A,B,C").delimiter(',').type_name("NAMES");
  command.add_flag("--all", o.all, "All devices");
  command.add_option("--suite", o.suites, "File of a suite that must have passed, repeatable").required().type_name("SUITE.xml");
  command.add_option("--canary", o.canary, "How many devices go first: 2 or 10%").capture_default_str().type_name("N");
  command.add_option("--max-parallel", o.max_parallel, "Devices at once in the fleet stage").capture_default_str().positive();
  command.add_option("--budget", o.budget, "Bad devices that the fleet stage tolerates; one more halts").capture_default_str();
  command.add_option("--deadline", o.deadline_seconds, "Seconds after which a device without an end counts as silent").capture_default_str();
  command.add_flag("--watch", o.watch, "Stay until it is completed or halted");
  context.on_run(command, [&] { return run_start(context, o); });
}

}  // namespace

void add_rollout_commands(Command app, Context& context) {
  Command noun = add_noun(app, "rollout", "Promote a release in stages");
  add_start(noun, context);

  Command command = noun.add_subcommand("list", "All rollouts, the newest first");
  context.on_run(command, [&context] { return run_list(context); });

  auto& status = context.keep<NameOptions>();
  command = noun.add_subcommand("status", "How far a rollout is");
  command.add_option("rollout", status.rollout, "Id (default: the newest)").type_name("ID");
  command.add_flag("--watch", status.watch, "Stay until it is completed or halted; exit 1 when halted");
  context.on_run(command, [&] { return run_status(context, status); });

  const std::pair<const char*, const char*> verbs[] = {
      {"pause", "Start nothing more; what runs is finished"},
      {"resume", "Go on; after a halt this accepts the devices that are bad now"},
      {"halt", "Stop it for cause"}};
  for (const auto& [verb, description] : verbs) {
    auto& o = context.keep<NameOptions>();
    command = noun.add_subcommand(verb, description);
    command.add_option("rollout", o.rollout, "Id (default: the newest)").type_name("ID");
    command.add_option("--reason", o.reason, "Why; it goes into the ledger").type_name("TEXT");
    command.add_flag("--watch", o.watch, "Stay until it is completed or halted");
    context.on_run(command, [&context, &o, word = std::string(verb)] { return run_change(context, o, word); });
  }
}

}  // namespace lockstep::cli
