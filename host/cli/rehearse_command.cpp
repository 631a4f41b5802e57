#include "host/cli/rehearse_command.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"
#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/plan_report.hpp"

namespace lockstep::cli {
namespace {

struct RehearseOptions {
  std::string release;
  bool finalise = false;
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

Outcome<> run_rehearse(Context& context, const RehearseOptions& o) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/releases/" + o.release + "/rehearsal",
                                   {{"finalise", o.finalise ? "true" : "false"}}));
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
    for (const json::value& reason : array_of(group, "reasons")) {
      if (const json::string* text = reason.if_string())
        details += fmt::format("{}: {}\n", label, printable(std::string_view(text->data(), text->size())));
    }
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
  const std::string release = text_of(answer, "release");
  context.terminal.show(document(std::move(answer)), text);
  if (blocked == 0) return {};
  return fail(ErrorKind::refused, fmt::format("{} of {} devices cannot get {}", blocked, there + ready + blocked, release));
}

}  // namespace

void add_rehearse_command(Command app, Context& context) {
  auto& o = context.keep<RehearseOptions>();
  Command command = app.add_subcommand(
      "rehearse", "Plan a release for every device, and say who is blocked; nothing is sent");
  command.add_option("release", o.release, "Stored release, as 2.0.0 or PRODUCT@2.0.0").required().type_name("RELEASE");
  command.add_flag("--finalise", o.finalise, "With the steps after which there is no way back");
  context.on_run(command, [&] { return run_rehearse(context, o); });
}

}  // namespace lockstep::cli
