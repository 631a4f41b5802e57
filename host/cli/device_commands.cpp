#include "host/cli/device_commands.hpp"

#include "host/cli/answers.hpp"
#include "host/cli/api_client.hpp"
#include "host/cli/resource.hpp"

namespace lockstep::cli {
namespace {

struct DeviceOptions {
  std::string name, link, board, revision, serial;
  std::vector<std::string> software;
  bool refresh = false;
};

// "mobile-app=5.3.0"
Outcome<json::object> software_from(const std::vector<std::string>& pairs) {
  json::object software;
  for (const std::string& pair : pairs) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(ErrorKind::invalid, "--software " + pair + " is not COMPONENT=VERSION", "for example --software mobile-app=5.3.0");
    }
    software[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return software;
}

std::string running_of(const json::object& device) {
  std::string running;
  for_each_object(device, "components", [&](const json::object& component) {
    if (!running.empty()) running += ", ";
    running += text_of(component, "component") + " " + text_of(component, "version");
    if (!flag_of(component, "confirmed")) running += " (on trial)";
  });
  return running.empty() ? "unknown" : running;
}

std::string pairs_of(const json::object& object, std::string_view member) {
  std::string text;
  for (const auto& pair : object_of(object, member)) {
    if (!text.empty()) text += ", ";
    text += std::string(pair.key()) + " " + text_of(object_of(object, member), pair.key());
  }
  return text;
}

Details details_of(const json::object& device) {
  Details details;
  details.line("device", text_of(device, "device"));
  details.line("link", text_of(device, "link"));
  details.line("board", text_of(device, "board") + " revision " + text_of(device, "revision"));
  details.line("serial", text_of(device, "serial"));
  details.line("runs", running_of(device));
  for_each_object(device, "components", [&](const json::object& component) {
    details.line("  image hash", text_of(component, "image_hash"));
  });
  const std::string detail = text_of(device, "health_detail");
  details.line("health", text_of(device, "health") + (detail.empty() ? "" : ": " + detail));
  details.line("software in use", pairs_of(device, "software"));
  if (const std::string facts = pairs_of(device, "facts"); !facts.empty()) details.line("facts", facts);
  details.line("last report", text_of(device, "reported"));
  if (const std::string job = text_of(device, "active_job"); !job.empty()) details.line("job", job);
  return details;
}

Outcome<void> show(Terminal& terminal, json::object device) {
  const Details details = details_of(device);
  terminal.show(document(std::move(device)), details);
  return {};
}

Outcome<void> run_add(Context& context, const DeviceOptions& o) {
  LOCKSTEP_TRY(software, software_from(o.software));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  json::object body{{"device", o.name}, {"link", o.link}, {"software", software}};
  if (!o.board.empty()) body["board"] = o.board;
  if (!o.revision.empty()) body["revision"] = o.revision;
  if (!o.serial.empty()) body["serial"] = o.serial;
  LOCKSTEP_TRY(device, client->post("/v1/devices", body));
  return show(context.terminal, std::move(device));
}

Outcome<void> run_set(Context& context, const DeviceOptions& o) {
  LOCKSTEP_TRY(software, software_from(o.software));
  LOCKSTEP_TRY(path, path_of(all_devices, o.name));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  if (!o.link.empty()) LOCKSTEP_CHECK(client->post(path + "/link", {{"link", o.link}}));
  if (!software.empty()) LOCKSTEP_CHECK(client->post(path + "/software", software));
  LOCKSTEP_TRY(device, client->get(path));
  return show(context.terminal, std::move(device));
}

Outcome<void> run_list(Context& context) {
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(answer, client->get("/v1/devices"));
  Table table{"DEVICE", "BOARD", "REV", "SERIAL", "RUNS", "HEALTH", "LINK"};
  for_each_object(answer, "devices", [&](const json::object& device) {
    table.row({text_of(device, "device"), text_of(device, "board"), text_of(device, "revision"), text_of(device, "serial"),
               running_of(device), text_of(device, "health"), text_of(device, "link")});
  });
  context.terminal.show(document(std::move(answer)), table);
  return {};
}

Outcome<void> run_show(Context& context, const DeviceOptions& o) {
  LOCKSTEP_TRY(path, path_of(all_devices, o.name));
  LOCKSTEP_TRY(client, ApiClient::connect(context.state_folder, Work::none));
  LOCKSTEP_TRY(device, o.refresh ? client->post(path + "/refresh") : client->get(path));
  return show(context.terminal, std::move(device));
}

}  // namespace

void add_device_commands(Command app, Context& context) {
  Command noun = add_noun(app, "device", "The devices that Lockstep updates");

  auto& add = context.keep<DeviceOptions>();
  Command command = noun.add_subcommand("add", "Ask a device who it is, and keep it under a name");
  command.add_option("name", add.name, "Name for the device, unique").required().type_name("NAME");
  command.add_option("--link", add.link, "Where it is: smp+serial:///dev/ttyACM0, smp+unix:///run/b.sock, smp+udp://10.0.0.7")
      .required().type_name("URI");
  command.add_option("--software", add.software, "Software in use with it: COMPONENT=VERSION, repeatable").type_name("C=V");
  command.add_option("--board", add.board, "Board; must agree with what the device says").type_name("NAME");
  command.add_option("--revision", add.revision, "Board revision, likewise").type_name("R");
  command.add_option("--serial", add.serial, "Serial number, likewise").type_name("S");
  context.on_run(command, [&] { return run_add(context, add); });

  command = noun.add_subcommand("list", "All devices with what they last said");
  context.on_run(command, [&] { return run_list(context); });

  auto& shown = context.keep<DeviceOptions>();
  command = noun.add_subcommand("show", "One device");
  command.add_option("name", shown.name, "Name of the device").required().type_name("NAME");
  command.add_flag("--refresh", shown.refresh, "Ask the device now");
  context.on_run(command, [&] { return run_show(context, shown); });

  auto& set = context.keep<DeviceOptions>();
  command = noun.add_subcommand("set", "Tell what software is in use with a device, or where it is now");
  command.add_option("name", set.name, "Name of the device").required().type_name("NAME");
  command.add_option("--software", set.software, "COMPONENT=VERSION, repeatable; COMPONENT= forgets it; others stay as they are").type_name("C=V");
  command.add_option("--link", set.link, "New place of the device, which must be the same one").type_name("URI");
  context.on_run(command, [&] { return run_set(context, set); });
}

}  // namespace lockstep::cli
