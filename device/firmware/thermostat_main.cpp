// The thermostat's main loop: sleeps, answers SMP requests, steps the room once a second, kicks the watchdog.
// Built several times: LOCKSTEP_APP_VERSION, LOCKSTEP_APP_SWITCHING (version 1's control), LOCKSTEP_APP_FLAGS
// (agent::AppDescriptor: where it hangs).
#include "device/agent/app_descriptor.hpp"
#include "device/firmware/node/net_port.hpp"
#include "device/firmware/node/node.hpp"
#include "device/firmware/thermostat.hpp"
#include "device/qemu/clock.hpp"
#include "device/qemu/console.hpp"
#include "device/qemu/psram_flash.hpp"
#include "device/qemu/received.hpp"
#include "device/qemu/watchdog.hpp"

namespace lockstep::firmware {
namespace {

#ifndef LOCKSTEP_APP_FLAGS
#define LOCKSTEP_APP_FLAGS 0
#endif
#ifdef LOCKSTEP_APP_SWITCHING
using Control = SwitchingControl;
#else
using Control = ProportionalControl;
#endif

// How long this image, on test, waits to be confirmed, unless the setting `trial/confirm-ms` says otherwise (0: for ever).
constexpr std::uint32_t confirm_deadline_ms = 300'000;

// What the simulator reads to behave as this firmware does.
[[gnu::section(".descriptor"), gnu::used]] const agent::AppDescriptor descriptor{
    .flags = LOCKSTEP_APP_FLAGS, .name = "thermostat", .version = LOCKSTEP_APP_VERSION};

// Like a firmware that waits for hardware that never answers. Read at run time, so that the rest of the program is in
// the image too, as it would be in a firmware that hangs by mistake.
bool hangs(std::string_view revision) {
  return agent::hangs_on(static_cast<const volatile std::uint32_t&>(descriptor.flags), revision);
}

constinit board::PsramFlash flash;
Node node(flash);
Agent smp_agent(node);
Port port(smp_agent);
NetPort net_port(node, smp_agent);
Room room(20'600);
Control control;

void step_room() {
  const bool eco = smp_agent.settings().feature("eco");
  const std::int32_t heater = control.heater_percent(room.milli_c(), eco ? eco_set_point_milli_c : set_point_milli_c);
  room.step(heater);
  node.report_temperature(room.milli_c());
  const auto tenths = static_cast<unsigned>((room.milli_c() + 50) / 100);  // never below 4 degrees, see Room
  board::console::line("temp=", tenths / 10, ".", tenths % 10, " C heater=", static_cast<unsigned>(heater), " %");
}

void start() {
  board::console::start();
  flash.lock();
  node.load_identity();
  board::console::line("app: thermostat ", LOCKSTEP_APP_VERSION, " slot=0 serial=", node.identity().serial, " starting");
  while (hangs(node.identity().revision)) board::wait_for_interrupt();
  board::clock::start();
  board::received::start();
  net_port.start();
  node.set_confirm_deadline(smp_agent.settings().number("trial/confirm-ms").value_or(confirm_deadline_ms));
  step_room();
  node.run_self_test();
  board::console::line("app: thermostat ", LOCKSTEP_APP_VERSION, " slot=0 ready");
}

// Returns when there may be something to do: a byte or a frame came, or a tenth of a second went by.
void sleep() {
  board::disable_interrupts();
  if (board::received::is_empty() && !net_port.has_input() && !node.reset_wanted()) board::wait_for_interrupt();
  board::enable_interrupts();
}

[[noreturn]] void run() {
  std::uint64_t next_step_ms = 1000;
  for (;;) {
    std::byte b{};
    while (!node.reset_wanted() && board::received::take(b)) port.feed(b);
    if (!node.reset_wanted()) net_port.poll();
    smp_agent.tick();
    if (node.reset_wanted()) {
      board::console::line("app: reset requested");
      board::reset();
    }
    if (board::clock::uptime_ms() >= next_step_ms) {
      step_room();
      net_port.check();
      next_step_ms += 1000;
    }
    board::watchdog::kick();
    sleep();
  }
}

}  // namespace
}  // namespace lockstep::firmware

extern "C" void on_ethernet() { lockstep::firmware::net_port.on_interrupt(); }

extern "C" [[noreturn]] void board_main() {
  lockstep::firmware::start();
  lockstep::firmware::run();
  __builtin_unreachable();
}
