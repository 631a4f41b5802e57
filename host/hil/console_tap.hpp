// A console that the engine reads and that also carries SMP: what is read is shared with one link at a time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "host/hil/drivers.hpp"
#include "host/link/link.hpp"

namespace lockstep::hil {

// The port of one console over a host/link (Unix socket).
class LinkConsole final : public ConsolePort {
 public:
  LinkConsole(asio::any_io_executor executor, std::string name, link::LinkUri uri, link::LinkOpener opener);

  asio::awaitable<Outcome<void>> open(std::chrono::milliseconds within) override;
  asio::awaitable<Outcome<std::size_t>> read_some(MutableBytes buffer) override;
  void close() override;

  // A link over this console, from now on; it gets what is read while it is there. The console must be open.
  // Errors: unreachable (closed), conflict (another link is there).
  asio::awaitable<Outcome<std::unique_ptr<link::Link>>> share();

 private:
  class Shared;
  class Tap;

  asio::any_io_executor executor_;
  std::string name_;
  link::LinkUri uri_;
  link::LinkOpener opener_;
  // Shared with the tap, because either may go first: the run closes consoles, an SMP client its link.
  std::shared_ptr<Shared> shared_;
};

}  // namespace lockstep::hil
