#include "host/cli/plan_explain.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"
#include "host/cli/device_options.hpp"
#include "host/cli/planning_watch.hpp"
#include "host/cli/release_set.hpp"
#include "manifests/propose/account.hpp"

namespace lockstep::cli {
namespace {

struct ExplainOptions {
  ReleaseSetOptions releases;
  DeviceOptions device;
  std::string to;
  bool finalise = false;
  bool everything = false;
};

struct Question {
  std::string device;
  std::string release;
  propose::Account account;
};

Outcome<Question> ask(Terminal& terminal, const ExplainOptions& o) {
  LOCKSTEP_TRY(releases, read_releases(o.releases));
  LOCKSTEP_TRY(to, choose_release(releases, o.to, o.releases));
  LOCKSTEP_TRY(report, device_report(o.device));
  LOCKSTEP_TRY(planner, propose::Planner::make(releases, std::span(&report, 1)));
  propose::Options options{.finalise = o.finalise, .scope = o.everything ? model::Scope::everything : model::Scope::device};
  const auto made = watched(terminal, options.limits,
                            [&] { return propose::account(planner, report, releases[to], options); });
  LOCKSTEP_TRY(account, made);
  return Question{.device = o.device.name, .release = releases[to].name(), .account = std::move(account)};
}

std::string sections_text(const propose::Account& account) {
  std::string out;
  for (const propose::Section& s : account.sections) {
    out += (out.empty() ? "" : "\n") + s.title + '\n';
    for (const std::string& line : explain::numbered(s.lines)) out += printable(line) + '\n';
  }
  return out;
}

Outcome<> run_explain(Terminal& terminal, const ExplainOptions& o) {
  LOCKSTEP_TRY(question, ask(terminal, o));
  const propose::Account& account = question.account;
  if (account.verdict == plan::Verdict::gave_up) return nothing_known();
  if (account.verdict == plan::Verdict::none) {
    return fail(ErrorKind::refused, fmt::format("there is no plan that takes {} to {}", question.device, question.release),
                "lockstep plan why-not with the same options says why");
  }
  const std::string nothing = "there is nothing to do, and so nothing to explain\n";
  terminal.show(to_json(account), account.sections.empty() ? nothing : sections_text(account));
  return {};
}

Outcome<> run_why_not(Terminal& terminal, const ExplainOptions& o) {
  LOCKSTEP_TRY(question, ask(terminal, o));
  const propose::Account& account = question.account;
  if (account.verdict == plan::Verdict::gave_up) return nothing_known();
  if (account.verdict == plan::Verdict::found) {
    return fail(ErrorKind::refused, fmt::format("there is a plan that takes {} to {}", question.device, question.release),
                "lockstep plan make with the same options shows it");
  }
  terminal.show(to_json(account), sections_text(account));
  return {};
}

ExplainOptions& add_options(Command command, Context& context) {
  auto& o = context.keep<ExplainOptions>();
  command.add_option("--to", o.to, "Version of one of the releases, or a manifest").required().type_name("VERSION|FILE");
  add_release_set_options(command, o.releases, false);
  add_device_options(command, o.device);
  add_slot_options(command, o.device);
  command.add_flag("--finalise", o.finalise, "With the steps after which there is no way back");
  command.add_flag("--everything", o.everything, "Bring the software to its newest version, too");
  return o;
}

}  // namespace

void add_plan_explain(Command noun, Context& context) {
  Command explain = noun.add_subcommand(
      "explain", "Why plan make's steps are these: each stop, the order, what a fault does, what cannot be undone");
  auto& o = add_options(explain, context);
  context.on_run(explain, [&] { return run_explain(context.terminal, o); });

  Command why_not = noun.add_subcommand("why-not", "Why there is no plan, how near one can come, and what would make one");
  auto& w = add_options(why_not, context);
  context.on_run(why_not, [&] { return run_why_not(context.terminal, w); });
}

}  // namespace lockstep::cli
