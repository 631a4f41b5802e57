#include "host/cli/plan_commands.hpp"

#include <fmt/format.h>

#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/device_options.hpp"
#include "host/cli/plan_explain.hpp"
#include "host/cli/plan_newest.hpp"
#include "host/cli/plan_output.hpp"
#include "host/cli/plan_report.hpp"
#include "host/cli/planning_watch.hpp"
#include "host/cli/release_set.hpp"
#include "host/cli/resource.hpp"
#include "host/cli/wish_options.hpp"
#include "manifests/check/check.hpp"
#include "manifests/propose/propose.hpp"

namespace lockstep::cli {
namespace {

namespace fs = std::filesystem;

struct MakeOptions {
  ReleaseSetOptions releases;
  DeviceOptions device;
  std::string to;
  WishOptions wishes;
  EvidenceOptions evidence;
  OutOptions out;
  ScopeOptions scope;
};

struct FileOptions {
  fs::path plan;
  fs::path svg;
  bool force = false;
  ReleaseSetOptions releases;
};

struct OfJobOptions {
  std::string job;
  OutOptions out;
};

struct OfDeviceOptions {
  std::string device;
  std::string to;
  WishOptions wishes;
  OutOptions out;
  ScopeOptions scope;
};

Outcome<> run_make(Terminal& terminal, const MakeOptions& o) {
  LOCKSTEP_TRY(releases, read_releases(o.releases));
  if (const auto product = propose::newest_of(o.to)) {
    LOCKSTEP_TRY(answer, newest_from_files(terminal, {.product = *product, .releases = releases, .device = o.device, .wishes = o.wishes,
                                                      .evidence = o.evidence, .scope = o.scope}));
    return show_newest(terminal, answer, o.device.name, o.out);
  }
  LOCKSTEP_TRY(to, choose_release(releases, o.to, o.releases));
  LOCKSTEP_TRY(report, device_report(o.device));
  LOCKSTEP_TRY(planner, propose::Planner::make(releases, std::span(&report, 1)));
  propose::Options options = o.scope.options();
  const auto made = watched(terminal, options.limits, [&] { return planner.propose(report, releases[to], options); });
  LOCKSTEP_TRY(proposal, made);
  if (proposal.verdict == plan::Verdict::gave_up) return nothing_known();
  const std::string name = releases[to].name();
  if (!proposal.document) {
    terminal.show(to_json(proposal), no_plan_text(o.device.name, name, proposal.reasons));
    return fail(ErrorKind::refused, fmt::format("there is no plan that takes {} to {}", o.device.name, name),
                "lockstep plan why-not with the same options says how near one can come, and what would help");
  }
  LOCKSTEP_CHECK(write_outputs(terminal, o.out, *proposal.document));
  terminal.show(to_json(proposal), certified_text(*proposal.document, proposal.least));
  return {};
}

Outcome<plan_file::Document> read_plan(const fs::path& file) {
  LOCKSTEP_TRY(text, read_text_file(file));
  auto parsed = plan_file::parse(text);
  if (!parsed) return Fail(parsed.error().in(file.string()));
  return parsed;
}

Outcome<> run_show(Terminal& terminal, const FileOptions& o) {
  LOCKSTEP_TRY(document, read_plan(o.plan));
  LOCKSTEP_CHECK(write_outputs(terminal, {.plan = {}, .svg = o.svg, .force = o.force}, document));
  terminal.show(plan_file::to_json(document), plan_text(document));
  terminal.note("it was not checked; `lockstep plan check` does that");
  return {};
}

Outcome<> run_check(Terminal& terminal, const FileOptions& o) {
  LOCKSTEP_TRY(document, read_plan(o.plan));
  LOCKSTEP_TRY(releases, read_releases(o.releases));
  auto read = plan_file::read(document, releases);
  if (!read) return Fail(read.error().in(o.plan.string()));
  const auto checked = check::check(read->catalogue, read->plan);
  if (!checked) {
    const check::Failure& f = checked.error();
    const std::string why = check::text(read->catalogue, read->plan, f);
    terminal.show(json::object{{"certified", false},
                               {"step", f.step},
                               {"middle", f.middle},
                               {"rule", check::text(f.violation.rule)},
                               {"why", why}},
                  "not certified: " + printable(why) + '\n');
    return fail(ErrorKind::refused, o.plan.string() + " is no plan to follow");
  }
  terminal.show(json::object{{"certified", true},
                             {"device", document.device},
                             {"product", document.product},
                             {"target", document.target},
                             {"steps", document.steps.size()}},
                fmt::format("certified: {} to {}, {} steps\n", printable(document.device),
                            printable(plan_file::target_text(document)), document.steps.size()));
  return {};
}

// What the daemon answers, for people; what it sends is read as strictly as a file.
Outcome<> run_device(Context& context, const OfDeviceOptions& o) {
  LOCKSTEP_TRY(device, path_of(all_devices, o.device));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get(device + "/plan", plan_query(o.to, o.wishes, o.scope)));
  if (propose::newest_of(o.to)) return show_newest(context.terminal, answer, o.device, o.out);
  if (text_of(answer, "verdict") == "gave-up") return nothing_known();
  if (!flag_of(answer, "certified")) {
    const std::string release = text_of(answer, "release");
    context.terminal.show(document(answer), no_plan_text(o.device, release, texts_of(answer, "reasons")));
    return fail(ErrorKind::refused, fmt::format("there is no plan that takes {} to {}", o.device, release),
                fmt::format("lockstep plan why-not {} --to {} says how near one can come, and what would help", o.device, o.to));
  }
  LOCKSTEP_TRY(parsed, plan_file::parse(json::serialize(object_of(answer, "plan"))));
  LOCKSTEP_CHECK(write_outputs(context.terminal, o.out, parsed));
  context.terminal.show(document(answer), certified_text(parsed, flag_of(answer, "least")));
  return {};
}

Outcome<> run_job(Context& context, const OfJobOptions& o) {
  LOCKSTEP_TRY(job, path_of(all_jobs, o.job));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get(job + "/plan", {}));
  LOCKSTEP_TRY(parsed, plan_file::parse(json::serialize(object_of(answer, "plan"))));
  LOCKSTEP_CHECK(write_outputs(context.terminal, o.out, parsed));
  context.terminal.show(document(answer), plan_text(parsed));
  return {};
}

void add_make(Command noun, Context& context) {
  auto& o = context.keep<MakeOptions>();
  Command command = noun.add_subcommand("make", "Find the steps that take a device to a release, from files alone");
  command.add_option("--to", o.to, "Version of one of the releases, a manifest, or newest: the newest versions that go together")
      .required().type_name("VERSION|FILE|newest");
  add_release_set_options(command, o.releases, false);
  add_device_options(command, o.device);
  add_slot_options(command, o.device);
  add_wish_options(command, o.wishes);
  add_evidence_options(command, o.evidence);
  add_out_options(command, o.out);
  add_scope_options(command, o.scope);
  context.on_run(command, [&] { return run_make(context.terminal, o); }, [&] { return wrong_target(o.to, o.wishes); });
}

void add_device(Command noun, Context& context) {
  auto& o = context.keep<OfDeviceOptions>();
  Command command = noun.add_subcommand(
      "device", "The same for a device of this state, by its last report and the stored releases");
  command.add_option("device", o.device, "Name of the device").required().type_name("NAME");
  command.add_option("--to", o.to, "Stored release, as 2.0.0 or PRODUCT@2.0.0, or newest: the newest versions that go together")
      .required().type_name("RELEASE|newest");
  add_wish_options(command, o.wishes);
  add_out_options(command, o.out);
  add_scope_options(command, o.scope);
  context.on_run(command, [&] { return run_device(context, o); }, [&] { return wrong_target(o.to, o.wishes); });
}

void add_job(Command noun, Context& context) {
  auto& o = context.keep<OfJobOptions>();
  Command command = noun.add_subcommand("job", "Show the plan that a job walks, as it was kept");
  command.add_option("job", o.job, "Id of the job").required().type_name("JOB");
  add_out_options(command, o.out);
  context.on_run(command, [&] { return run_job(context, o); });
}

void add_show(Command noun, Context& context) {
  auto& o = context.keep<FileOptions>();
  Command command = noun.add_subcommand("show", "Show a plan from its file");
  command.add_option("file", o.plan, "Plan").required().type_name("PLAN.json");
  command.add_option("--svg", o.svg, "File for the plan as a picture").type_name("PLAN.svg");
  command.add_flag("--force", o.force, "Replace an existing file");
  context.on_run(command, [&] { return run_show(context.terminal, o); });
}

void add_check(Command noun, Context& context) {
  auto& o = context.keep<FileOptions>();
  Command command = noun.add_subcommand("check", "Prove a plan again from the manifests, or say where it fails");
  command.add_option("file", o.plan, "Plan").required().type_name("PLAN.json");
  add_release_set_options(command, o.releases, true);
  context.on_run(command, [&] { return run_check(context.terminal, o); });
}

}  // namespace

void add_plan_commands(Command app, Context& context) {
  Command noun = add_noun(app, "plan", "The steps that take a device to a release, proved before they are shown");
  add_make(noun, context);
  add_device(noun, context);
  add_job(noun, context);
  add_show(noun, context);
  add_check(noun, context);
  add_plan_explain(noun, context);
  noun.footer("lockstep plan NAME --to RELEASE is short for lockstep plan device NAME --to RELEASE. Write `device` when the\n"
              "device has the name of a command above, or one that looks like it.");
  context.shorthand = {.noun = "plan", .verb = "device", .mark = "--to"};
}

}  // namespace lockstep::cli
