#include "host/cli/link_commands.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "host/cli/answers.hpp"
#include "host/session/probe.hpp"

namespace lockstep::cli {
namespace {

namespace asio = boost::asio;

struct ProbeOptions {
  std::string uri;
};

using Result = std::optional<Outcome<session::ProbeReport>>;

asio::awaitable<void> probe_into(asio::any_io_executor executor, link::LinkUri uri, Result& result) {
  auto report = co_await session::probe(executor, uri);
  result.emplace(std::move(report));
}

Outcome<session::ProbeReport> probe_now(const link::LinkUri& uri) {
  asio::io_context context(1);
  Result result;
  asio::co_spawn(context, probe_into(context.get_executor(), uri, result), [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  context.run();
  return *std::move(result);
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
  LOCKSTEP_TRY(report, probe_now(uri));
  context.terminal.show(session::to_json(report), details_of(report));
  return {};
}

}  // namespace

void add_link_commands(CLI::App& app, Context& context) {
  CLI::App& noun = add_noun(app, "link", "What answers at the other end of a cable");
  auto& probe = context.keep<ProbeOptions>();
  CLI::App* command = noun.add_subcommand("probe", "Ask any SMP server everything that only reads");
  command->add_option("uri", probe.uri, "smp+serial:///dev/ttyACM0?baud=115200, smp+unix:///PATH, smp+udp://HOST[:PORT]")
      ->required()->type_name("URI");
  context.on_run(*command, [&] { return run_probe(context, probe); });
}

}  // namespace lockstep::cli
