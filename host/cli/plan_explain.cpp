#include "host/cli/plan_explain.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/device_options.hpp"
#include "host/cli/plan_newest.hpp"
#include "host/cli/planning_watch.hpp"
#include "host/cli/release_set.hpp"
#include "host/cli/resource.hpp"
#include "host/cli/wish_options.hpp"
#include "manifests/propose/account.hpp"

namespace lockstep::cli {
namespace {

struct ExplainOptions {
  std::string name;  // a device of the state; empty: all is said on the line and by files
  ReleaseSetOptions releases;
  DeviceOptions device;
  std::string to;
  WishOptions wishes;
  EvidenceOptions evidence;
  ScopeOptions scope;
  bool only_obstacles = false;  // why-not: nothing about a plan that there is

  bool of_state() const { return !name.empty(); }
  bool of_newest() const { return propose::newest_of(to).has_value(); }
  std::string goal(const std::string& release) const { return of_newest() ? "versions that go together" : release; }
};

struct Answer {
  std::string device;
  std::string release;
  json::object account;  // propose::to_json's, and from the state also what was asked and left out
};

Outcome<Answer> ask_files(Terminal& terminal, const ExplainOptions& o) {
  LOCKSTEP_TRY(releases, read_releases(o.releases));
  if (const auto product = propose::newest_of(o.to)) {
    LOCKSTEP_TRY(account, newest_account_from_files(terminal, {.product = *product, .releases = releases, .device = o.device,
                                                               .wishes = o.wishes, .evidence = o.evidence, .scope = o.scope,
                                                               .only_obstacles = o.only_obstacles}));
    return Answer{.device = o.device.name, .release = "newest", .account = std::move(account)};
  }
  LOCKSTEP_TRY(to, choose_release(releases, o.to, o.releases));
  LOCKSTEP_TRY(report, device_report(o.device));
  LOCKSTEP_TRY(planner, propose::Planner::make(releases, std::span(&report, 1)));
  propose::Options options = o.scope.options();
  options.only_obstacles = o.only_obstacles;
  const auto made = watched(terminal, options.limits,
                            [&] { return propose::account(planner, report, releases[to], options); });
  LOCKSTEP_TRY(account, made);
  return Answer{.device = o.device.name, .release = releases[to].name(), .account = to_json(account)};
}

Outcome<Answer> ask_state(Context& context, const ExplainOptions& o) {
  LOCKSTEP_TRY(device, path_of(all_devices, o.name));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  ApiClient::Query query = plan_query(o.to, o.wishes, o.scope);
  if (o.only_obstacles) query["obstacles"] = "true";
  LOCKSTEP_TRY(answer, client->get(device + "/plan/account", query));
  note_left_out(context.terminal, answer);
  return Answer{.device = o.name, .release = text_of(answer, "release"), .account = document(std::move(answer))};
}

Outcome<Answer> ask(Context& context, const ExplainOptions& o) {
  auto answer = o.of_state() ? ask_state(context, o) : ask_files(context.terminal, o);
  if (answer && text_of(answer->account, "verdict") == propose::text(plan::Verdict::gave_up)) return nothing_known();
  return answer;
}

std::string sections_text(const json::object& account) {
  std::string out;
  for_each_object(account, "sections", [&](const json::object& section) {
    out += (out.empty() ? "" : "\n") + printable(text_of(section, "title")) + '\n';
    for (const std::string& line : explain::numbered(texts_of(section, "lines"))) out += printable(line) + '\n';
  });
  return out;
}

Outcome<> run_explain(Context& context, const ExplainOptions& o) {
  LOCKSTEP_TRY(answer, ask(context, o));
  if (text_of(answer.account, "verdict") == propose::text(plan::Verdict::none)) {
    return fail(ErrorKind::refused, fmt::format("there is no plan that takes {} to {}", answer.device, o.goal(answer.release)),
                "lockstep plan why-not with the same options says why");
  }
  std::string shown = sections_text(answer.account);
  if (shown.empty()) shown = "there is nothing to do, and so nothing to explain\n";
  context.terminal.show(answer.account, shown);
  return {};
}

Outcome<> run_why_not(Context& context, const ExplainOptions& o) {
  LOCKSTEP_TRY(answer, ask(context, o));
  const bool found = text_of(answer.account, "verdict") == propose::text(plan::Verdict::found);
  const std::string shown = sections_text(answer.account);
  if (found && o.of_newest() && shown.empty()) {
    return fail(ErrorKind::refused, fmt::format("there is nothing newer: a plan takes {} to the newest version of everything", answer.device),
                fmt::format("lockstep plan {} with the same options shows it", o.of_state() ? "device" : "make"));
  }
  if (found && !o.of_newest()) {
    return fail(ErrorKind::refused, fmt::format("there is a plan that takes {} to {}", answer.device, answer.release),
                fmt::format("lockstep plan {} with the same options shows it", o.of_state() ? "device" : "make"));
  }
  context.terminal.show(answer.account, shown);
  return {};
}

// What of the line describes a device or its releases, which the state knows itself; empty: nothing.
std::string_view described_by(const ExplainOptions& o) {
  const DeviceOptions& d = o.device;
  const std::pair<std::string_view, bool> given[] = {
      {"--release", !o.releases.files.empty()}, {"--key", !o.releases.keys.empty()},
      {"--device", !d.installed.empty()},       {"--board", !d.board.empty()},
      {"--revision", !d.revision.empty()},      {"--software", !d.software.empty()},
      {"--counter", !d.counters.empty()},       {"--name", d.name != DeviceOptions().name},
      {"--fallback", !d.fallbacks.empty()},     {"--staged", !d.staged.empty()},
      {"--trial", !d.trials.empty()},           {"--torn", !d.torn.empty()},
      {"--epoch", !d.epochs.empty()},           {"--unused", !d.unused.empty()},
      {"--evidence", !o.evidence.files.empty()}, {"--trust", !o.evidence.trusted.empty()},
  };
  for (const auto& [option, is] : given) {
    if (is) return option;
  }
  return {};
}

// What is wrong with the options taken together.
std::string wrong(const ExplainOptions& o) {
  const std::string_view described = described_by(o);
  if (o.of_state() && !described.empty()) {
    return fmt::format("{} is for devices that are described here, but {} is one of the state", described, in_quotes(o.name));
  }
  const bool whole = !o.device.installed.empty() && !o.device.board.empty() && !o.device.revision.empty();
  if (!o.of_state() && whole && o.wishes.tested_only && o.evidence.files.empty()) return "--tested-only requires --evidence";
  if (o.of_state() || whole) return wrong_target(o.to, o.wishes);
  return "which device? Name one of the state, or describe one by --device, --board and --revision";
}

ExplainOptions& add_options(Command command, Context& context) {
  auto& o = context.keep<ExplainOptions>();
  command.add_option("name", o.name, "A device of the state, instead of the options that describe one").type_name("NAME");
  command.add_option("--to", o.to, "Version of one of the releases, or a manifest; with NAME a stored release; or newest: the newest versions that go together")
      .required().type_name("VERSION|FILE|newest");
  add_release_set_options(command, o.releases, false);
  add_device_options(command, o.device);
  add_slot_options(command, o.device);
  add_wish_options(command, o.wishes);
  add_evidence_options(command, o.evidence, false);
  add_scope_options(command, o.scope);
  for (const char* needed : {"--device", "--board", "--revision"}) command.get_option(needed).required(false);
  return o;
}

}  // namespace

void add_plan_explain(Command noun, Context& context) {
  Command explain = noun.add_subcommand(
      "explain", "Why plan make's steps are these: each stop, the order, what a fault does, what cannot be undone");
  auto& o = add_options(explain, context);
  context.on_run(explain, [&] { return run_explain(context, o); }, [&] { return wrong(o); });

  Command why_not = noun.add_subcommand("why-not", "Why there is no plan, how near one can come, and what would make one; with --to newest: why nothing newer");
  auto& w = add_options(why_not, context);
  w.only_obstacles = true;
  context.on_run(why_not, [&] { return run_why_not(context, w); }, [&] { return wrong(w); });
}

}  // namespace lockstep::cli
