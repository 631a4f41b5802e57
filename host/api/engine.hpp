// Everything behind the faces, wired together: the store, the jobs, the rollouts, the hardware tests.
// lockstepd serves it over HTTP; a CLI without a daemon runs it in its own process.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/api/message.hpp"
#include "host/base/error.hpp"
#include "host/update/job.hpp"

namespace lockstep::api {

struct EngineOptions {
  std::filesystem::path state;     // state directory; made when missing
  std::filesystem::path programs = {};  // folder with our own programs, for rigs that start boards; empty: that of this one
  update::Policy policy = {};      // how patient updates are
  // Called after a job's state was made durable and before the job goes on; for tests that stop the process there.
  std::function<void(std::string_view state)> on_job_saved = {};
};

class Engine {
 public:
  // Opens the state directory, takes its lock, and makes the runner key (evidence is signed with it) at first use.
  // * conflict - another process works on this state
  // * invalid  - the ledger is damaged
  static Outcome<std::unique_ptr<Engine>> open(boost::asio::any_io_executor executor, EngineOptions options);
  ~Engine();

  // Answers one request of the API (README.md lists them). Errors are answers too. A GET with the query `after=N` is
  // answered when something has changed since its counter was N (at most `wait_ms` later, 15 s if absent); every
  // answer that is an object tells the counter as "change".
  boost::asio::awaitable<Response> handle(Request request);

  // Goes on with every unfinished job and rollout, and looks after new ones from now on. Call once; without it
  // requests are answered but nothing moves.
  boost::asio::awaitable<Outcome<void>> start_work();

  // Interrupts jobs at a safe point (their last saved state), lets running hardware tests tear down, and returns
  // when all is quiet. Nothing may be asked of the engine afterwards.
  boost::asio::awaitable<void> stop();

  // True while jobs, rollouts or hardware tests are under way.
  bool busy() const;

  struct Parts;  // what the handlers share, see engine_parts.hpp

 private:
  explicit Engine(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace lockstep::api
