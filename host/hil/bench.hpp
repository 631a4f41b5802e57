// A rig at work: its drivers, the console logs, and whether it is still sound.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "host/hil/console_log.hpp"
#include "host/hil/drivers.hpp"
#include "host/hil/rig.hpp"

namespace lockstep::hil {

class Bench {
 public:
  // Makes the drivers and the log files; no power yet. `clock` outlives the bench. Errors: Equipment's, and io.
  static Outcome<std::unique_ptr<Bench>> assemble(Rig rig, Equipment& equipment, asio::any_io_executor executor,
                                                  const RunRequest& request, Clock& clock,
                                                Moment run_start);

  // Power on, then open all consoles and read them from then on. Errors: PowerDriver's, ConsolePort's.
  asio::awaitable<Outcome<void>> power_on(std::string name);
  // The consoles are read to their end. Off stays off.
  asio::awaitable<Outcome<void>> power_off(std::string name);
  // Everything off, consoles closed, readers gone; must be awaited before the bench is destroyed. The first error.
  asio::awaitable<Outcome<void>> shut_down();

  // Why nothing that is seen now may be blamed on the device: the supply died, a console was lost.
  std::optional<Error> trouble() const;

  // By name; an empty name means the only one. Errors: invalid (unknown, or not the only one), naming what there is.
  Outcome<std::string> power_name(std::string_view name) const;
  Outcome<ConsoleLog*> console(std::string_view name);
  Outcome<FlashDriver*> flash(std::string_view name);
  Outcome<SmpPort*> smp(std::string_view name);
  Outcome<Updater*> updater(std::string_view name);

  bool any_power_on() const;
  const Rig& rig() const { return rig_; }
  // Called for each complete console line with the console's name.
  void on_line(std::function<void(const std::string&, const ConsoleLine&)> callback);
  Moment last_power_on{};

 private:
  struct Console {
    std::unique_ptr<ConsolePort> port;
    std::unique_ptr<ConsoleLog> log;
    std::chrono::milliseconds open_within{};
    bool reading = false;
    bool may_end = false;  // power is going away: the end of the stream is no trouble
    std::optional<Error> lost;
    std::unique_ptr<asio::steady_timer> ended;
  };

  Bench(Rig rig, asio::any_io_executor executor, Clock& clock);
  asio::awaitable<Outcome<void>> open_consoles();
  asio::awaitable<Outcome<void>> open_console(Console& console, const std::string& name);
  asio::awaitable<void> close_consoles();
  static asio::awaitable<void> read_console(Console* console, Clock* clock);

  Rig rig_;
  asio::any_io_executor executor_;
  Clock& clock_;
  Drivers drivers_;
  std::map<std::string, Console, std::less<>> consoles_;
};

}  // namespace lockstep::hil
