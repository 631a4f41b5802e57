#include "host/cli/link_commands.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <utility>

#include "host/base/text.hpp"
#include "host/cli/answers.hpp"
#include "host/session/probe.hpp"
#include "host/session/service.hpp"

namespace lockstep::cli {
namespace {

namespace asio = boost::asio;

struct ProbeOptions {
  std::string uri;
};

struct LogOptions {
  std::string uri;
  std::string file = "/log";
};

struct SettingOptions {
  std::string uri, name, value;
};

template <class T>
asio::awaitable<void> store(asio::awaitable<T> task, std::optional<T>& result) {
  auto value = co_await std::move(task);
  result.emplace(std::move(value));
}

// Runs one conversation to its end.
template <class T>
T run_now(asio::io_context& context, asio::awaitable<T> task) {
  std::optional<T> result;
  asio::co_spawn(context, store(std::move(task), result), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
  return *std::move(result);
}

// What a device said may hold anything: every line is made printable.
std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += printable(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool is_text(const std::string& value) {
  return std::ranges::all_of(value, [](char c) { return c >= ' ' && c < '\x7f'; });
}

std::string state_of(const session::ImageSlot& slot) {
  std::string state;
  const auto add = [&](bool set, const char* word) {
    if (set) state += (state.empty() ? "" : " ") + std::string(word);
  };
  add(slot.active, "active");
  add(slot.confirmed, "confirmed");
  add(slot.pending, "pending");
  add(slot.permanent, "permanent");
  add(!slot.bootable, "not-bootable");
  return state;
}

Details details_of(const session::ProbeReport& report) {
  Details details;
  details.line("link", report.uri);
  details.line("protocol", report.protocol);
  details.line("round trip", std::to_string(report.round_trip.count()) + " us");
  if (report.identity) {
    details.line("board", report.identity->board + " revision " + report.identity->revision);
    details.line("serial", report.identity->serial);
  }
  if (report.params) {
    details.line("buffers", std::to_string(report.params->buffer_count) + " of " + std::to_string(report.params->buffer_size) + " bytes");
  }
  if (report.bootloader) details.line("bootloader", report.bootloader->name);
  if (report.os_info) details.line("system", *report.os_info);
  if (report.health) details.line("health", (report.health->healthy ? "healthy " : "unhealthy ") + report.health->detail);
  if (report.images) {
    for (const session::ImageSlot& slot : *report.images) {
      details.line("image " + std::to_string(slot.image) + " slot " + std::to_string(slot.slot),
                   slot.version + "  " + slot.hash.substr(0, 16) + "  " + state_of(slot));
    }
  }
  for (const std::string& missing : report.missing) details.line("not offered", missing);
  return details;
}

Outcome<void> run_probe(Context& context, const ProbeOptions& o) {
  LOCKSTEP_TRY(uri, link::parse_link_uri(o.uri));
  asio::io_context io(1);
  LOCKSTEP_TRY(report, run_now(io, session::probe(io.get_executor(), uri)));
  context.terminal.show(session::to_json(report), details_of(report));
  return {};
}

Outcome<void> run_log(Context& context, const LogOptions& o) {
  LOCKSTEP_TRY(uri, link::parse_link_uri(o.uri));
  asio::io_context io(1);
  LOCKSTEP_TRY(file, run_now(io, session::download_file(io.get_executor(), uri, o.file)));
  const std::string text = printable_lines(file);
  context.terminal.show(json::object{{"uri", to_string(uri)}, {"file", o.file}, {"text", text}}, text);
  return {};
}

// A value that is no text is shown in hex.
Outcome<void> run_get(Context& context, const SettingOptions& o) {
  LOCKSTEP_TRY(uri, link::parse_link_uri(o.uri));
  asio::io_context io(1);
  LOCKSTEP_TRY(value, run_now(io, session::read_setting(io.get_executor(), uri, o.name)));
  json::object document{{"name", o.name}, {"value_hex", to_hex(as_bytes(value))}, {"value", nullptr}};
  if (is_text(value)) document["value"] = value;
  context.terminal.show(document, is_text(value) ? value + "\n" : "hex " + to_hex(as_bytes(value)) + "\n");
  return {};
}

Outcome<void> run_set(Context& context, const SettingOptions& o) {
  LOCKSTEP_TRY(uri, link::parse_link_uri(o.uri));
  asio::io_context io(1);
  LOCKSTEP_CHECK(run_now(io, session::write_setting(io.get_executor(), uri, o.name, o.value)));
  context.terminal.show(json::object{{"name", o.name}, {"value", o.value}}, o.name + " is kept\n");
  return {};
}

Outcome<void> run_delete(Context& context, const SettingOptions& o) {
  LOCKSTEP_TRY(uri, link::parse_link_uri(o.uri));
  asio::io_context io(1);
  LOCKSTEP_CHECK(run_now(io, session::delete_setting(io.get_executor(), uri, o.name)));
  context.terminal.show(json::object{{"name", o.name}}, o.name + " is deleted\n");
  return {};
}

void add_uri(Command command, std::string& uri) {
  command.add_option("uri", uri, "smp+serial:///dev/ttyACM0?baud=115200, smp+unix:///PATH, smp+udp://HOST[:PORT]")
      .required()
      .type_name("URI");
}

Command add_setting_verb(Command noun, SettingOptions& o, const std::string& verb, const std::string& what) {
  Command command = noun.add_subcommand(verb, what);
  add_uri(command, o.uri);
  command.add_option("name", o.name, "Name of the setting, as feature/eco").required().type_name("NAME");
  return command;
}

}  // namespace

void add_link_commands(Command app, Context& context) {
  Command noun = add_noun(app, "link", "What answers at the other end of a cable");
  auto& probe = context.keep<ProbeOptions>();
  Command command = noun.add_subcommand("probe", "Ask any SMP server everything that only reads");
  add_uri(command, probe.uri);
  context.on_run(command, [&] { return run_probe(context, probe); });

  auto& log = context.keep<LogOptions>();
  command = noun.add_subcommand("log", "Download the log that a device keeps through its resets");
  add_uri(command, log.uri);
  command.add_option("--file", log.file, "Another of its files, as /health").capture_default_str().type_name("FILE");
  context.on_run(command, [&] { return run_log(context, log); });

  auto& get = context.keep<SettingOptions>();
  context.on_run(add_setting_verb(noun, get, "get", "Read a setting of a device"),
                 [&] { return run_get(context, get); });
  auto& set = context.keep<SettingOptions>();
  command = add_setting_verb(noun, set, "set", "Write a setting of a device, so that it is kept");
  command.add_option("value", set.value, "Its value, as text").required().type_name("VALUE");
  context.on_run(command, [&] { return run_set(context, set); });
  auto& unset = context.keep<SettingOptions>();
  context.on_run(add_setting_verb(noun, unset, "unset", "Delete a setting of a device"),
                 [&] { return run_delete(context, unset); });
}

}  // namespace lockstep::cli
