#include "host/hil/real_equipment.hpp"

#include <cstdio>
#include <memory>

#include "host/hil/console_tap.hpp"
#include "host/hil/engine.hpp"
#include "host/hil/file_flash.hpp"
#include "host/hil/fleet_updater.hpp"
#include "host/hil/process_power.hpp"
#include "host/hil/smp_port.hpp"

namespace lockstep::hil {
namespace {

link::LinkUri socket_uri(const std::string& path) {
  return {.transport = link::Transport::unix_socket, .framing = link::Framing::console, .path = path};
}

// What the device prints between messages of a link of its own; opened with the first line.
session::LineSink line_file(std::string path) {
  // Shared, because a std::function must be copyable.
  const auto file = std::make_shared<std::unique_ptr<std::FILE, int (*)(std::FILE*)>>(nullptr, std::fclose);
  return [path = std::move(path), file](std::string_view line) {
    if (!*file) file->reset(std::fopen(path.c_str(), "abe"));
    if (!*file) return;
    std::fwrite(line.data(), 1, line.size(), file->get());
    std::fputc('\n', file->get());
    std::fflush(file->get());
  };
}

Outcome<void> add_smp(Drivers& drivers, const Rig& rig, const SmpSpec& spec, asio::any_io_executor executor,
                      const RunRequest& request, const std::map<std::string, LinkConsole*>& consoles) {
  LinkMaker maker;
  link::LinkUri uri;
  session::LineSink log;
  if (spec.console.empty()) {
    auto parsed = link::parse_link_uri(spec.uri);
    if (!parsed) return Fail(parsed.error().in("smp " + spec.name));
    uri = *parsed;
    maker = [executor, uri] { return link::open_link(executor, uri); };
    log = line_file(request.run_dir + "/smp-" + spec.name + ".log");
  } else {
    LinkConsole* const console = consoles.at(spec.console);
    uri = socket_uri("/console/" + spec.console);  // never opened as such: the maker shares the console
    maker = [console] { return console->share(); };
  }
  drivers.smps[spec.name] = std::make_unique<LinkSmpPort>(maker, uri.framing, std::move(log));
  FleetUpdater::Settings settings{.job_id = request.run_id, .maker = std::move(maker), .depot = {}};
  settings.depot = {.file = request.run_dir + "/update-" + spec.name, .link = to_string(uri), .dut = rig.dut,
                    .releases = request.releases, .target = {}, .images = request.artifacts,
                    .image_keys_pem = request.image_keys_pem};
  drivers.updaters[spec.name] = std::make_unique<FleetUpdater>(executor, std::move(settings));
  return {};
}

}  // namespace

Outcome<Drivers> RealEquipment::assemble(const Rig& rig, asio::any_io_executor executor, const RunRequest& request) {
  Drivers drivers;
  for (const PowerSpec& spec : rig.dut.powers) {
    const std::string log = request.run_dir + "/power-" + spec.name + ".log";
    drivers.powers[spec.name] = std::make_unique<ProcessPower>(executor, spec.command, log);
  }
  std::map<std::string, LinkConsole*> consoles;
  for (const ConsoleSpec& spec : rig.dut.consoles) {
    auto console = std::make_unique<LinkConsole>(executor, spec.name, socket_uri(spec.path), link::open_link);
    consoles[spec.name] = console.get();
    drivers.consoles[spec.name] = std::move(console);
  }
  for (const FlashSpec& spec : rig.dut.flashes) drivers.flashes[spec.name] = std::make_unique<FileFlash>(spec);
  for (const SmpSpec& spec : rig.dut.smps) LOCKSTEP_CHECK(add_smp(drivers, rig, spec, executor, request, consoles));
  return drivers;
}

Moment SystemClock::now() const { return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()}; }

}  // namespace lockstep::hil
