// lockstepd: the daemon. Serves the API on a Unix socket and does the work that the store knows of.
#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>

#include "host/api/engine.hpp"
#include "host/api/http_server.hpp"
#include "host/base/log.hpp"
#include "host/base/state_dir.hpp"

namespace {

namespace asio = boost::asio;
using namespace lockstep;

struct Options {
  std::filesystem::path state;
  std::filesystem::path socket;
};

int report(const Error& error) {
  std::fprintf(stderr, "lockstepd: %s\n", error.what.c_str());
  if (!error.next.empty()) std::fprintf(stderr, "  next: %s\n", error.next.c_str());
  return exit_code(error);
}

// Runs until SIGTERM or SIGINT; `failure` says why it could not.
asio::awaitable<void> serve(api::Engine& engine, api::HttpServer& server, Outcome<void>& failure) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  asio::signal_set signals(executor, SIGTERM, SIGINT);
  failure = co_await engine.start_work();
  if (failure) {
    constexpr auto token = asio::as_tuple(asio::use_awaitable);
    co_await signals.async_wait(token);
    log_event(LogLevel::info, "daemon.stopping");
  }
  server.stop();
  co_await engine.stop();
}

int run(const Options& options) {
  asio::io_context context(1);
  auto engine = api::Engine::open(context.get_executor(), {options.state});
  if (!engine) return report(engine.error());
  api::Engine& running = **engine;
  const api::Handler handler = [&running](api::Request request) { return running.handle(std::move(request)); };
  auto server = api::HttpServer::bind(context.get_executor(), options.socket, handler);
  if (!server) return report(server.error());
  log_event(LogLevel::info, "daemon.started", {{"state", options.state.string()}, {"socket", options.socket.string()}});
  Outcome<void> failure;
  std::exception_ptr died;
  asio::co_spawn(context, serve(running, **server, failure), [&](std::exception_ptr error) {
    died = error;
    if (error) context.stop();
  });
  context.run();
  if (died) std::rethrow_exception(died);
  return failure ? 0 : report(failure.error());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("The Lockstep daemon: serves the API on a Unix socket and carries out jobs, rollouts and hardware tests");
  Options options;
  std::string state, socket;
  app.add_option("--state", state, "State directory (default: $LOCKSTEP_STATE, else that of this user)");
  app.add_option("--socket", socket, "Unix socket to serve on (default: STATE/lockstepd.sock)");
  app.set_version_flag("--version", LOCKSTEP_VERSION);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : 2;
  }
  options.state = state.empty() ? default_state_dir() : std::filesystem::path(state);
  options.socket = socket.empty() ? options.state / "lockstepd.sock" : std::filesystem::path(socket);
  return run(options);
}
