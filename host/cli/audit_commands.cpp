#include "host/cli/audit_commands.hpp"

#include "host/base/state_dir.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/store/artefacts.hpp"
#include "host/store/store.hpp"
#include "host/store/verify.hpp"

namespace lockstep::cli {
namespace {

struct LogOptions {
  std::string subject, type;
  std::int64_t after = 0, limit = 1000;
};

struct AcceptOptions {
  std::string reason;
};

struct VerifyOptions {
  std::string expected;
};

// What an event says beside its envelope, on one line.
std::string summary(const json::object& row) {
  const json::object& event = object_of(row, "event");
  const json::object& body = object_of(event, "data");
  std::string text;
  for (const auto& member : body) {
    const std::string value = text_of(body, member.key());
    if (value.empty() || value == "[]" || value == "{}" || value.size() > 100) continue;
    if (text_of(row, "subject").ends_with("/" + value)) continue;  // stands in the column before
    text += (text.empty() ? "" : " ") + std::string(member.key()) + "=" + value;
  }
  return text.substr(0, 160);
}

Outcome<void> run_log(Context& context, const LogOptions& o) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/audit/log", {{"subject", o.subject},
                                                     {"type", o.type},
                                                     {"after_position", std::to_string(o.after)},
                                                     {"limit", std::to_string(o.limit)}}));
  Table table{"#", "TIME", "EVENT", "SUBJECT", "FACTS"};
  for_each_object(answer, "events", [&](const json::object& row) {
    table.row({text_of(row, "position"), text_of(row, "time"), text_of(row, "type"), text_of(row, "subject"), summary(row)});
  });
  context.terminal.show(document(std::move(answer)), table);
  return {};
}

json::array problems_json(const std::vector<store::Problem>& problems) {
  json::array list;
  for (const store::Problem& p : problems) list.push_back(json::object{{"where", p.where}, {"what", p.what}});
  return list;
}

Outcome<void> run_verify(Context& context, const VerifyOptions& o) {
  const std::filesystem::path state = context.state_folder.empty() ? default_state_dir() : context.state_folder;
  store::VerifyOptions options;
  if (!o.expected.empty()) {
    LOCKSTEP_TRY(head, store::parse_head(o.expected));
    options.expected = head;
  }
  LOCKSTEP_TRY(report, store::verify_ledger(state, options));
  std::vector<store::Problem> problems = report.problems;
  if (problems.empty()) {
    LOCKSTEP_TRY(differences, store::verify_projections(state));
    problems = std::move(differences);
    LOCKSTEP_TRY(artefacts, store::verify_artefacts(state));
    problems.insert(problems.end(), artefacts.begin(), artefacts.end());
  }
  Details details;
  details.line("ledger", problems.empty() ? "intact" : "CHANGED");
  details.line("events", std::to_string(report.events));
  details.line("head", store::to_text(report.head));
  details.line("end", report.end_proved ? "proved complete by a head kept outside the database" : "not proved");
  for (const store::Problem& p : problems) details.line(p.where, p.what);
  for (const std::string& note : report.notes) details.line("note", note);
  context.terminal.show(json::object{{"intact", problems.empty()},
                                     {"events", report.events},
                                     {"head", store::to_text(report.head)},
                                     {"end_proved", report.end_proved},
                                     {"problems", problems_json(problems)},
                                     {"notes", json::array(report.notes.begin(), report.notes.end())}},
                        details);
  if (problems.empty()) return {};
  return fail(ErrorKind::refused, state.string() + ": the ledger was changed: " + problems.front().where + ": " + problems.front().what,
              "keep this copy, and compare with a backup or with a head that was noted elsewhere (--expect)");
}

Outcome<void> run_accept(Context& context, const AcceptOptions& o) {
  const std::filesystem::path state = context.state_folder.empty() ? default_state_dir() : context.state_folder;
  LOCKSTEP_TRY(report, store::verify_ledger(state));  // not_found for a folder without a ledger
  LOCKSTEP_TRY(stored, store::accept_ledger_head(state, o.reason, "cli"));
  Details details;
  details.line("accepted", std::to_string(stored.position - 1) + " events; event " + std::to_string(stored.position) + " says so");
  context.terminal.show(json::object{{"accepted_events", stored.position - 1}, {"event", stored.position}}, details);
  return {};
}

}  // namespace

void add_audit_commands(Command app, Context& context) {
  Command noun = add_noun(app, "audit", "The ledger, and the proof that nobody changed it");

  auto& log = context.keep<LogOptions>();
  Command command = noun.add_subcommand("log", "The events, oldest first");
  command.add_option("--subject", log.subject, "Only about this: device/NAME, job/ID, rollout/ID, ...").type_name("S");
  command.add_option("--type", log.type, "Only types that begin so: job., rollout.").type_name("PREFIX");
  command.add_option("--after", log.after, "Only after this position").type_name("N");
  command.add_option("--limit", log.limit, "At most so many").capture_default_str().type_name("N");
  context.on_run(command, [&] { return run_log(context, log); });

  auto& verify = context.keep<VerifyOptions>();
  auto& accept = context.keep<AcceptOptions>();
  command = noun.add_subcommand("accept-head", "Go on although ledger.head is gone or does not fit; the ledger keeps that you did");
  command.add_option("--reason", accept.reason, "Why; it goes into the ledger").required().type_name("TEXT");
  context.on_run(command, [&] { return run_accept(context, accept); });

  command = noun.add_subcommand("verify", "Check every event, table and artefact of the state; needs no daemon");
  command.add_option("--expect", verify.expected, "A head noted earlier: the ledger must still contain it").type_name("HEAD");
  context.on_run(command, [&] { return run_verify(context, verify); });
}

}  // namespace lockstep::cli
