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
  FleetUpdater::Settings settings{.journal_file = request.run_dir + "/update-" + spec.name, .job_id = request.run_id,
                                  .uri = {}, .maker = {}, .dut = rig.dut, .image_keys_pem = request.image_keys_pem, .log = {}};
  if (spec.console.empty()) {
    auto uri = link::parse_link_uri(spec.uri);
    if (!uri) return Fail(uri.error().in("smp " + spec.name));
    settings.uri = *uri;
    settings.maker = [executor, link_uri = *uri] { return link::open_link(executor, link_uri); };
    settings.log = line_file(request.run_dir + "/smp-" + spec.name + ".log");
  } else {
    LinkConsole* const console = consoles.at(spec.console);
    settings.uri = socket_uri("/console/" + spec.console);  // never opened as such: the maker shares the console
    settings.maker = [console] { return console->share(); };
  }
  drivers.smps[spec.name] = std::make_unique<LinkSmpPort>(settings.maker, settings.uri.framing, settings.log);
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
