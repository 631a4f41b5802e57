#include "host/hil/bench.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "host/base/supervise.hpp"
#include "host/hil/engine.hpp"

namespace lockstep::hil {
namespace {

template <class Map>
std::string names_of(const Map& map) {
  std::string names;
  for (const auto& [name, value] : map) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

template <class Map>
auto pick(Map& map, std::string_view name, std::string_view what, const std::string& rig)
    -> Outcome<decltype(&*map.begin())> {
  if (name.empty() && map.size() == 1) return &*map.begin();
  const auto it = map.find(name);
  if (it != map.end()) return &*it;
  const std::string wanted = name.empty() ? fmt::format("which {}", what) : fmt::format("{} \"{}\"", what, name);
  return fail(ErrorKind::invalid, fmt::format("{}: the rig {} has {}", wanted, rig, names_of(map)));
}

}  // namespace

Bench::Bench(Rig rig, asio::any_io_executor executor, Clock& clock)
    : rig_(std::move(rig)), executor_(std::move(executor)), clock_(clock) {}

Outcome<std::unique_ptr<Bench>> Bench::assemble(Rig rig, Equipment& equipment, asio::any_io_executor executor,
                                                const RunRequest& request, Clock& clock,
                                                Moment run_start) {
  std::unique_ptr<Bench> bench(new Bench(std::move(rig), executor, clock));
  LOCKSTEP_TRY(drivers, equipment.assemble(bench->rig_, executor, request));
  bench->drivers_ = std::move(drivers);
  for (const ConsoleSpec& spec : bench->rig_.dut.consoles) {
    Console& console = bench->consoles_[spec.name];
    console.port = std::move(bench->drivers_.consoles[spec.name]);
    if (!console.port) return fail(ErrorKind::internal, "no driver was made for console " + spec.name);
    LOCKSTEP_TRY(log, ConsoleLog::create(executor, spec.name, request.run_dir, run_start));
    console.log = std::move(log);
    console.open_within = spec.open_within;
    console.ended = std::make_unique<asio::steady_timer>(executor);
  }
  return bench;
}

asio::awaitable<Outcome<void>> Bench::power_on(std::string name) {
  PowerDriver& power = *drivers_.powers.find(name)->second;
  last_power_on = clock_.now();
  LOCKSTEP_CO_CHECK(co_await power.on());
  for (auto& [console_name, console] : consoles_) {
    LOCKSTEP_CO_CHECK(console.log->note("power " + name + " on", last_power_on));
    console.log->cursor = console.log->next_line();
  }
  LOCKSTEP_CO_CHECK(co_await open_consoles());
  co_return Outcome<void>();
}

asio::awaitable<Outcome<void>> Bench::open_consoles() {
  // In the order of the rig file: a board may wait for one before it offers the next.
  for (const ConsoleSpec& spec : rig_.dut.consoles) {
    Console& console = consoles_.find(spec.name)->second;
    if (console.reading) continue;
    LOCKSTEP_CO_CHECK(co_await open_console(console, spec.name));
    console.lost.reset();
    console.may_end = false;
    console.reading = true;
    supervise(executor_, "hil.console." + spec.name, read_console(&console, &clock_));
  }
  co_return Outcome<void>();
}

asio::awaitable<Outcome<void>> Bench::open_console(Console& console, const std::string& name) {
  const auto give_up = std::chrono::steady_clock::now() + console.open_within;
  for (;;) {
    // In slices: a supply that died is noticed at once, not when the time is over.
    auto opened = co_await console.port->open(std::chrono::milliseconds(100));
    if (opened) co_return opened;
    for (const auto& [power_name, power] : drivers_.powers) {
      if (const auto trouble = power->trouble()) co_return Fail(trouble->in("power " + power_name));
    }
    if (std::chrono::steady_clock::now() >= give_up) co_return Fail(opened.error().in("console " + name));
  }
}

asio::awaitable<void> Bench::read_console(Console* console, Clock* clock) {
  std::array<std::byte, 4096> buffer;
  for (;;) {
    auto got = co_await console->port->read_some(buffer);
    const Moment at = clock->now();
    if (!got) {
      if (!console->log->partial().empty()) console->log->flush_line(at);
      if (!console->may_end) console->lost = got.error();
      break;
    }
    auto kept = console->log->append(Bytes(buffer).first(*got), at);
    if (!kept) {
      console->lost = kept.error();
      break;
    }
  }
  console->reading = false;
  console->log->wake();
  console->ended->cancel();
}

asio::awaitable<Outcome<void>> Bench::power_off(std::string name) {
  for (auto& [console_name, console] : consoles_) console.may_end = true;
  PowerDriver& power = *drivers_.powers.find(name)->second;
  auto off = co_await power.off();
  for (auto& [smp_name, smp] : drivers_.smps) smp->disconnect();
  if (!any_power_on()) co_await close_consoles();
  for (auto& [console_name, console] : consoles_) {
    console.may_end = !console.reading;
    console.lost.reset();
    LOCKSTEP_CO_CHECK(console.log->note("power " + name + " off", clock_.now()));
  }
  co_return off;
}

asio::awaitable<void> Bench::close_consoles() {
  for (auto& [name, console] : consoles_) {
    console.may_end = true;
    // What the board said last may still be on its way: the reader sees the end of the stream by itself.
    if (console.reading) {
      console.ended->expires_after(std::chrono::milliseconds(200));
      co_await console.ended->async_wait(asio::as_tuple(asio::use_awaitable));
    }
    console.port->close();
    while (console.reading) {
      console.ended->expires_after(std::chrono::milliseconds(100));
      co_await console.ended->async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }
}

asio::awaitable<Outcome<void>> Bench::shut_down() {
  Outcome<void> first;
  for (auto& [name, console] : consoles_) console.may_end = true;
  for (auto& [name, power] : drivers_.powers) {
    auto off = co_await power->off();
    if (!off && first) first = Fail(off.error().in("power " + name));
  }
  for (auto& [name, smp] : drivers_.smps) smp->disconnect();
  co_await close_consoles();
  co_return first;
}

std::optional<Error> Bench::trouble() const {
  for (const auto& [name, power] : drivers_.powers) {
    if (auto trouble = power->trouble()) return trouble->in("power " + name);
  }
  for (const auto& [name, console] : consoles_) {
    if (console.lost) return console.lost->in("console " + name);
  }
  return std::nullopt;
}

bool Bench::any_power_on() const {
  for (const auto& [name, power] : drivers_.powers) {
    if (power->is_on()) return true;
  }
  return false;
}

Outcome<std::string> Bench::power_name(std::string_view name) const {
  LOCKSTEP_TRY(entry, pick(drivers_.powers, name, "power", rig_.id));
  return entry->first;
}

Outcome<ConsoleLog*> Bench::console(std::string_view name) {
  LOCKSTEP_TRY(entry, pick(consoles_, name, "console", rig_.id));
  return entry->second.log.get();
}

Outcome<FlashDriver*> Bench::flash(std::string_view name) {
  LOCKSTEP_TRY(entry, pick(drivers_.flashes, name, "flash", rig_.id));
  return entry->second.get();
}

Outcome<SmpPort*> Bench::smp(std::string_view name) {
  LOCKSTEP_TRY(entry, pick(drivers_.smps, name, "smp", rig_.id));
  return entry->second.get();
}

Outcome<Updater*> Bench::updater(std::string_view name) {
  LOCKSTEP_TRY(entry, pick(drivers_.updaters, name, "smp", rig_.id));
  return entry->second.get();
}

void Bench::on_line(std::function<void(const std::string&, const ConsoleLine&)> callback) {
  for (auto& [name, console] : consoles_) {
    console.log->on_line = [callback, &name = name](const ConsoleLine& line) { callback(name, line); };
  }
}

}  // namespace lockstep::hil
