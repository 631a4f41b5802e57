#include "host/cli/hil_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "host/base/files.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/progress.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  fs::path suite, rig, out;
  std::string release, baseline;
  std::vector<std::string> params;
  bool verbose = false;
};

Outcome<json::object> order_from(const RunOptions& o) {
  LOCKSTEP_TRY(suite, read_text_file(o.suite));
  LOCKSTEP_TRY(rig, read_text_file(o.rig));
  json::object params;
  for (const std::string& pair : o.params) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos) return fail(ErrorKind::invalid, "--param " + pair + " is not NAME=VALUE");
    params[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return json::object{{"suite", suite},          {"suite_name", o.suite.filename().string()},
                      {"rig", rig},              {"rig_name", o.rig.filename().string()},
                      {"release", o.release},    {"baseline", o.baseline},
                      {"params", std::move(params)}};
}

// Shows a run as it goes: tests, measurements and the update's states; with `all` also steps and console lines.
class RunView {
 public:
  RunView(Terminal& terminal, bool all) : terminal_(terminal), all_(all) {}

  void show(const json::object& run) {
    const auto next = static_cast<std::uint64_t>(number_of(run, "next"));
    std::uint64_t number = next - array_of(run, "happened").size();
    for_each_object(run, "happened", [&](const json::object& thing) {
      if (number++ >= seen_) tell(thing);
    });
    seen_ = std::max(seen_, next);
    show_upload(run);
  }

 private:
  void tell(const json::object& thing) {
    const std::string kind = text_of(thing, "kind"), verdict = text_of(thing, "verdict"), text = text_of(thing, "text");
    const bool detail = kind == "step" || kind == "console" || text == "started";
    const bool bad = !verdict.empty() && verdict != "passed";
    if (detail && !bad && !all_) return;
    bar_.reset();
    std::string line = fmt::format("{:<11}  {}", kind, text_of(thing, "subject"));
    if (!verdict.empty()) line += ": " + verdict;
    if (!text.empty()) line += (verdict.empty() ? ": " : ", ") + text;
    terminal_.note(line);
  }

  void show_upload(const json::object& run) {
    const auto total = static_cast<std::uint64_t>(number_of(run, "total_bytes"));
    if (total == 0) return bar_.reset();
    if (!bar_) bar_.emplace(terminal_, "uploading", total);
    bar_->update(static_cast<std::uint64_t>(number_of(run, "done_bytes")));
  }

  Terminal& terminal_;
  bool all_;
  std::uint64_t seen_ = 0;
  std::optional<Progress> bar_;
};

Outcome<void> copy_results(const fs::path& from, const fs::path& to) {
  LOCKSTEP_CHECK(make_folders(to));
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    if (!entry.is_regular_file()) continue;
    LOCKSTEP_TRY(bytes, read_file(entry.path(), 512u << 20));
    LOCKSTEP_CHECK(write_file(to / entry.path().filename(), bytes));
  }
  return {};
}

std::string run_text(const json::object& run) {
  Table table{"TEST", "TRY", "VERDICT", "TIME", "MEASURED", "REASON"};
  for_each_object(run, "attempts", [&](const json::object& attempt) {
    std::string measured;
    for (const auto& m : object_of(attempt, "measurements")) {
      measured += (measured.empty() ? "" : ", ") + std::string(m.key()) + " " +
                  text_of(object_of(attempt, "measurements"), m.key());
    }
    table.row({text_of(attempt, "test"), text_of(attempt, "attempt"), text_of(attempt, "verdict"),
               text_of(attempt, "duration_ms") + " ms", measured, text_of(attempt, "reason")});
  });
  Details details;
  details.line("run", text_of(run, "run"));
  details.line("verdict", text_of(run, "verdict"));
  if (const std::string reason = text_of(run, "reason"); !reason.empty()) details.line("reason", reason);
  details.line("evidence", text_of(run, "evidence_digest"));
  details.line("folder", text_of(run, "directory"));
  return table.text() + "\n" + details.text();
}

Outcome<void> run_run(Context& context, const RunOptions& o) {
  LOCKSTEP_TRY(order, order_from(o));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::runs));
  LOCKSTEP_TRY(started, client->post("/v1/hil/runs", order));
  const std::string path = "/v1/hil/runs/" + text_of(started, "run");
  auto view = std::make_unique<RunView>(context.terminal, o.verbose);
  auto ended = client->watch(path, {}, [&](const json::object& now) {
    view->show(now);
    return !flag_of(now, "under_way");
  });
  view.reset();  // ends its bar before anything else is said
  if (!ended) return Fail(client->interrupted(ended.error(), "the run is cancelled and its rig left safe; start it again"));
  if (!o.out.empty()) LOCKSTEP_CHECK(copy_results(text_of(*ended, "directory"), o.out));
  const std::string verdict = text_of(*ended, "verdict");
  context.terminal.show(document(*ended), run_text(*ended));
  if (verdict == "passed") return {};
  const bool about_device = verdict == "failed" || verdict.starts_with("passed-");
  return fail(about_device ? ErrorKind::refused : ErrorKind::unreachable, "the run ended as " + verdict + ": " + text_of(*ended, "reason"),
              "console logs and results are in " + text_of(*ended, "directory"));
}

Outcome<void> run_list(Context& context) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/hil/runs"));
  Table table{"RUN", "SUITE", "RIG", "RELEASE", "VERDICT", "STARTED", "EVIDENCE"};
  for_each_object(answer, "runs", [&](const json::object& run) {
    table.row({text_of(run, "run"), text_of(run, "suite"), text_of(run, "rig"), text_of(run, "release"),
               text_of(run, "verdict"), text_of(run, "started"), text_of(run, "evidence_digest").substr(0, 12)});
  });
  context.terminal.show(document(std::move(answer)), table);
  return {};
}

}  // namespace

void add_hil_commands(Command app, Context& context) {
  Command noun = add_noun(app, "hil", "Hardware-in-the-loop suites on rigs");

  auto& run = context.keep<RunOptions>();
  Command command = noun.add_subcommand("run", "Run a suite for a release on a rig; leaves signed evidence");
  command.add_option("suite", run.suite, "Suite file (XML)").required().type_name("SUITE");
  command.add_option("--rig", run.rig, "Rig file (XML)").required().type_name("RIG");
  command.add_option("--release", run.release, "Release under test").required().type_name("RELEASE");
  command.add_option("--baseline", run.baseline, "Release that the device runs before").type_name("RELEASE");
  command.add_option("--param", run.params, "NAME=VALUE for a parameter of the suite, repeatable").type_name("N=V");
  command.add_option("--out", run.out, "Copy results, JUnit report, logs and evidence to this folder").type_name("DIR");
  command.add_flag("-v,--verbose", run.verbose, "Tell every step and console line");
  context.on_run(command, [&] { return run_run(context, run); });

  command = noun.add_subcommand("list", "All runs");
  context.on_run(command, [&] { return run_list(context); });
}

}  // namespace lockstep::cli
