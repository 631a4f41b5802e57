// A rig made of values, for tests of the engine: every part can misbehave on demand.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/base/files.hpp"
#include "host/base/temp_dir.hpp"
#include "host/hil/engine.hpp"
#include "host/hil/real_equipment.hpp"

namespace lockstep::hil::fake {

// What the rig does; set it before the run, look at it afterwards.
struct World {
  explicit World(asio::io_context& io) : executor(io.get_executor()), arrived(io) {}

  asio::any_io_executor executor;
  // Console: text that comes at power-on; nothing more comes by itself.
  std::string boot_text = "boot: slot 0\nAPP 1.0.0 slot=A\ntemperature 21.5 Cel\n";
  bool console_opens = true;
  std::deque<char> console;  // bytes on their way
  bool console_open = false;
  bool console_hung_up = false;
  asio::steady_timer arrived;
  // Power.
  bool on = false;
  int times_on = 0;
  int times_off = 0;
  std::optional<Error> power_on_error;
  std::optional<Error> power_off_error;
  std::optional<std::string> died;  // why the supply is gone
  // Flash, SMP, update.
  std::vector<std::string> flashed;
  std::optional<Error> flash_error;
  std::function<Outcome<std::vector<std::byte>>(const SmpRequest&)> answer;
  UpdateReport update{UpdateEnd::succeeded, "", false};
  std::string text_after_update;
  bool hang_in_update = false;
  bool throw_in_flash = false;

  void print(std::string_view text) {
    console.insert(console.end(), text.begin(), text.end());
    arrived.cancel();
  }
  void die(std::string why) {
    died = std::move(why);
    hang_up();
  }
  void hang_up() {
    console_hung_up = true;
    arrived.cancel();
  }
};

class Power final : public PowerDriver {
 public:
  explicit Power(World& world) : world_(world) {}
  asio::awaitable<Outcome<void>> on() override {
    if (world_.power_on_error) co_return Fail(*world_.power_on_error);
    world_.on = true;
    world_.died.reset();
    world_.console_hung_up = false;
    ++world_.times_on;
    world_.print(world_.boot_text);
    co_return Outcome<void>();
  }
  asio::awaitable<Outcome<void>> off() override {
    if (world_.on) ++world_.times_off;
    world_.on = false;
    world_.died.reset();
    world_.hang_up();
    if (world_.power_off_error) co_return Fail(*world_.power_off_error);
    co_return Outcome<void>();
  }
  bool is_on() const override { return world_.on; }
  std::optional<Error> trouble() const override {
    if (!world_.on || !world_.died) return std::nullopt;
    return Error{.kind = ErrorKind::unreachable, .what = *world_.died};
  }

 private:
  World& world_;
};

class Console final : public ConsolePort {
 public:
  explicit Console(World& world) : world_(world) {}
  asio::awaitable<Outcome<void>> open(std::chrono::milliseconds) override {
    if (!world_.console_opens) co_return fail(ErrorKind::unreachable, "no such socket");
    world_.console_open = true;
    co_return Outcome<void>();
  }
  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes buffer) override {
    while (world_.console.empty()) {
      if (world_.console_hung_up || !world_.console_open) co_return fail(ErrorKind::unreachable, "hung up");
      world_.arrived.expires_at(std::chrono::steady_clock::time_point::max());
      co_await world_.arrived.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    std::size_t n = 0;
    // Odd pieces, so that lines come in halves.
    for (; n < std::min<std::size_t>(buffer.size(), 7) && !world_.console.empty(); ++n) {
      buffer[n] = static_cast<std::byte>(world_.console.front());
      world_.console.pop_front();
    }
    co_return n;
  }
  void close() override {
    world_.console_open = false;
    world_.arrived.cancel();
  }

 private:
  World& world_;
};

class Flash final : public FlashDriver {
 public:
  explicit Flash(World& world) : world_(world) {}
  asio::awaitable<Outcome<void>> write(Artifact image) override {
    if (world_.throw_in_flash) throw std::runtime_error("a defect");
    if (world_.flash_error) co_return Fail(*world_.flash_error);
    world_.flashed.push_back(image.sha256);
    co_return Outcome<void>();
  }

 private:
  World& world_;
};

class Smp final : public SmpPort {
 public:
  explicit Smp(World& world) : world_(world) {}
  asio::awaitable<Outcome<std::vector<std::byte>>> request(SmpRequest request) override {
    if (!world_.answer) co_return fail(ErrorKind::device, "no reply");
    co_return world_.answer(request);
  }

 private:
  World& world_;
};

class FakeUpdater final : public Updater {
 public:
  explicit FakeUpdater(World& world) : world_(world) {}
  asio::awaitable<UpdateReport> update(std::string, Progress progress) override {
    progress("uploading", 512, 1024);
    if (world_.hang_in_update) {
      asio::steady_timer never(world_.executor, std::chrono::steady_clock::time_point::max());
      co_await never.async_wait(asio::use_awaitable);
    }
    world_.print(world_.text_after_update);
    co_return world_.update;
  }

 private:
  World& world_;
};

class FakeEquipment final : public Equipment {
 public:
  explicit FakeEquipment(World& world) : world_(world) {}
  Outcome<Drivers> assemble(const Rig& rig, asio::any_io_executor, const RunRequest&) override {
    Drivers drivers;
    for (const auto& spec : rig.dut.powers) drivers.powers[spec.name] = std::make_unique<Power>(world_);
    for (const auto& spec : rig.dut.consoles) drivers.consoles[spec.name] = std::make_unique<Console>(world_);
    for (const auto& spec : rig.dut.flashes) drivers.flashes[spec.name] = std::make_unique<Flash>(world_);
    for (const auto& spec : rig.dut.smps) {
      drivers.smps[spec.name] = std::make_unique<Smp>(world_);
      drivers.updaters[spec.name] = std::make_unique<FakeUpdater>(world_);
    }
    return drivers;
  }

 private:
  World& world_;
};

struct Journal final : RunJournal {
  std::vector<std::string> said;
  std::string refuse;  // "started", "attempt": this call fails
  asio::awaitable<Outcome<void>> started(RunResult) override { co_return note("started"); }
  asio::awaitable<Outcome<void>> attempt(std::string, std::string test, AttemptRecord a) override {
    said.push_back(test + " " + std::string(text(a.verdict)));
    co_return refuse == "attempt" ? Outcome<void>(fail(ErrorKind::io, "disk full")) : Outcome<void>();
  }
  asio::awaitable<Outcome<void>> finished(RunResult result) override { co_return note("finished " + std::string(text(result.verdict))); }

 private:
  Outcome<void> note(std::string what) {
    said.push_back(what);
    if (refuse == what) return fail(ErrorKind::io, "disk full");
    return {};
  }
};

struct Watch final : ProgressSink {
  std::vector<Progress> seen;
  std::function<void(const Progress&)> also;
  void on_progress(const Progress& p) override {
    seen.push_back(p);
    if (also) also(p);
  }
};

inline constexpr std::string_view rig_xml = R"(<?xml version="1.0"?>
<rig xmlns="urn:lockstep:rig:1" id="bench-1" tags="emulated cortex-m3">
  <dut board="node-m3" revision="1.0" serial="SN-1" product="thermostat">
    <capability name="power.cut" value="exact"/>
    <power name="main" driver="process" command="board --flash ${run.dir}/flash.img"/>
    <console name="log" driver="unix" path="${run.dir}/uart.sock" open-within="50 ms"/>
    <flash name="boot" driver="file" file="${run.dir}/flash.img" size="1 MiB" offset="64 KiB" area="512 KiB"/>
    <smp name="smp" console="log"/>
  </dut>
</rig>)";

template <class T>
asio::awaitable<void> keep(asio::awaitable<T> task, std::optional<T>& value) {
  value.emplace(co_await std::move(task));
}

// Runs one coroutine to its end on the loop; what escapes from it is thrown here.
template <class T>
T wait_for(asio::io_context& io, asio::awaitable<T> task) {
  std::optional<T> value;
  std::exception_ptr escaped;
  asio::co_spawn(io, keep(std::move(task), value), [&](std::exception_ptr e) { escaped = e; });
  io.restart();
  io.run();
  if (escaped) std::rethrow_exception(escaped);
  return std::move(*value);
}

inline constexpr std::string_view power_on = R"X(<setup><power state="on"/></setup>)X";
inline constexpr std::string_view power_off = R"X(<teardown><power state="off"/></teardown>)X";

// A suite of one test.
inline std::string test_with(std::string_view steps) {
  return std::string(power_on) + "<test id=\"t\">" + std::string(steps) + "</test>" + std::string(power_off);
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// One run of a suite on the fake rig. `body` is what stands inside <suite>.
class Scene {
 public:
  explicit Scene(std::string_view body)
      : xml_("<suite xmlns=\"urn:lockstep:suite:1\" name=\"scene\" version=\"1\">" + std::string(body) + "</suite>") {
    request.releases["candidate"].product = "thermostat";  // that the fake updater is asked to bring
  }

  asio::io_context io;
  World world{io};
  Journal journal;
  Watch watch;
  RunControl control;
  RunRequest request;  // suite, rig and folder are filled in by run()
  std::string rig = std::string(rig_xml);
  TempDir dir;

  RunResult run() {
    auto suite = parse_suite(xml_, "scene.xml");
    if (!suite) throw std::runtime_error(suite.error().what);
    auto parsed_rig = parse_rig(rig, "rig.xml");
    if (!parsed_rig) throw std::runtime_error(parsed_rig.error().what);
    request.run_id = "run-1";
    request.run_dir = (dir / "run").string();
    request.suite = *suite;
    request.rig = *parsed_rig;
    FakeEquipment equipment(world);
    SystemClock clock;
    const auto result = wait_for(io, run_suite(request, equipment, clock, journal, watch, control));
    if (!result) throw std::runtime_error(result.error().what);
    return *result;
  }

  std::string file(std::string_view name) const {
    auto text = read_text_file(dir.path() / "run" / name);
    return text ? *text : "(no " + std::string(name) + ")";
  }

 private:
  std::string xml_;
};

}  // namespace lockstep::hil::fake
