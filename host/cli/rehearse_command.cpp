#include "host/cli/rehearse_command.hpp"

#include <fmt/format.h>

#include "host/base/files.hpp"
#include "host/base/text.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/plan_report.hpp"
#include "host/cli/planning_watch.hpp"
#include "host/cli/release_set.hpp"
#include "host/cli/resource.hpp"
#include "host/cli/schedule_report.hpp"
#include "manifests/fleet/certified.hpp"
#include "manifests/fleet/fleet_file.hpp"

namespace lockstep::cli {
namespace {

struct RehearseOptions {
  std::string release;
  bool finalise = false;
  // From files alone.
  std::filesystem::path fleet;
  ReleaseSetOptions releases;
  bool everything = false;
  std::uint32_t may_strand = 0;
};

std::string devices_text(const json::object& group) {
  constexpr std::size_t shown = 3;
  const json::array& devices = array_of(group, "devices");
  std::string out;
  for (std::size_t i = 0; i < devices.size() && i < shown; ++i) {
    if (const json::string* name = devices[i].if_string())
      out += (i == 0 ? "" : ", ") + std::string(name->data(), name->size());
  }
  return devices.size() <= shown ? out : fmt::format("{} and {} more", out, devices.size() - shown);
}

std::string way_text(const json::object& group) {
  if (!flag_of(group, "certified")) return text_of(group, "verdict") == "gave-up" ? "not known" : "blocked";
  return array_of(object_of(group, "plan"), "steps").empty() ? "is there" : "ready";
}

std::string steps_text(const json::object& group) {
  std::string out;
  for_each_object(object_of(group, "plan"), "steps", [&](const json::object& step) {
    out += (out.empty() ? "" : ", ") + text_of(step, "act");
    for_each_object(step, "targets", [&](const json::object& target) {
      out += ' ' + text_of(target, "component") + ' ' + text_of(target, "version");
    });
  });
  return out;
}

std::uint64_t figure(const json::object& object, std::string_view member) {
  return static_cast<std::uint64_t>(number_of(object, member));
}

Outcome<> run_file(Terminal& terminal, const RehearseOptions& o) {
  LOCKSTEP_TRY(releases, read_releases(o.releases));
  LOCKSTEP_TRY(to, choose_release(releases, o.release, o.releases));
  LOCKSTEP_TRY(text, read_text_file(o.fleet));
  auto census = fleet::parse(text);
  if (!census) return Fail(census.error().in(o.fleet.string()));
  LOCKSTEP_TRY(planner, propose::Planner::make(releases, fleet::reports(*census)));
  fleet::Options options{.finalise = o.finalise, .may_strand = o.may_strand};
  const model::Scope scope = o.everything ? model::Scope::everything : model::Scope::device;
  const auto made = watched(terminal, options.limits, [&] {
    return fleet::certified_schedule(planner.relations(), *census, releases[to], scope, options);
  });
  LOCKSTEP_TRY(certified, made);
  json::object answer = fleet::to_json(certified);
  const bool complete = flag_of(answer, "complete");
  const std::string name = releases[to].name(), shown = printable(name) + "\n\n" + schedule_text(answer);
  answer["release"] = name;
  terminal.show(answer, shown);
  if (complete) return {};
  return fail(ErrorKind::refused, "not everybody gets " + name, "the reasons are above");
}

Outcome<> run_rehearse(Context& context, const RehearseOptions& o) {
  if (!o.fleet.empty()) return run_file(context.terminal, o);
  LOCKSTEP_TRY(path, path_of(all_releases, o.release));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get(path + "/rehearsal", {{"finalise", o.finalise ? "true" : "false"}}));
  Table table{"GROUP", "COUNT", "ANSWER", "STEPS", "REBOOTS", "BYTES", "NO RETURN", "DEVICES"};
  std::string details;
  int number = 0;
  for_each_object(answer, "groups", [&](const json::object& group) {
    const json::object& plan = object_of(group, "plan");
    const json::object& cost = object_of(plan, "cost");
    const bool certified = flag_of(group, "certified");
    const std::string label = std::to_string(++number);
    table.row({label, std::to_string(array_of(group, "devices").size()), way_text(group),
               certified ? std::to_string(array_of(plan, "steps").size()) : "-",
               certified ? text_of(cost, "reboots") : "-",
               certified ? format_size(figure(cost, "bytes")) : "-",
               certified ? text_of(cost, "irreversible") : "-", devices_text(group)});
    if (const std::string steps = steps_text(group); !steps.empty())
      details += fmt::format("{}: {}\n", label, printable(steps));
    for (const std::string& reason : texts_of(group, "reasons")) details += fmt::format("{}: {}\n", label, printable(reason));
  });
  const json::object& cost = object_of(answer, "cost");
  const std::uint64_t there = figure(answer, "there"), ready = figure(answer, "ready"), blocked = figure(answer, "blocked");
  std::string text = fmt::format("{}: {} ready, {} there already, {} blocked\n\n{}",
                                 printable(text_of(answer, "release")), ready, there, blocked, table.text());
  if (!details.empty()) text += '\n' + details;
  text += fmt::format("\nin all: {}\n", cost_text({.irreversible = figure(cost, "irreversible"),
                                                   .reboots = figure(cost, "reboots"),
                                                   .publications = figure(cost, "publications"),
                                                   .bytes = figure(cost, "bytes")}));
  text += '\n' + schedule_text(object_of(answer, "schedule"));
  const std::string release = text_of(answer, "release");
  context.terminal.show(document(std::move(answer)), text);
  if (blocked == 0) return {};
  return fail(ErrorKind::refused, fmt::format("{} of {} devices cannot get {}", blocked, there + ready + blocked, release));
}

}  // namespace

void add_rehearse_command(Command app, Context& context) {
  auto& o = context.keep<RehearseOptions>();
  Command command = app.add_subcommand(
      "rehearse", "Plan a release for every device and the order of the fleet, and say who is blocked; nothing is sent");
  command.add_option("release", o.release, "Stored release, as 2.0.0 or PRODUCT@2.0.0; with --fleet a version or a manifest")
      .required().type_name("RELEASE");
  command.add_flag("--finalise", o.finalise, "With the steps after which there is no way back");
  command.add_option("--fleet", o.fleet, "Rehearse from files alone: who there is, and what is used").type_name("FLEET.json");
  add_release_set_options(command, o.releases, false);
  command.get_option("--release").needs("--fleet");
  command.add_flag("--everything", o.everything, "Bring the software to its newest version, too, and end the old ones").needs("--fleet");
  command.add_option("--may-strand", o.may_strand, "Devices and people that may be left behind for the others").type_name("N").needs("--fleet");
  context.on_run(command, [&] { return run_rehearse(context, o); });
}

}  // namespace lockstep::cli
