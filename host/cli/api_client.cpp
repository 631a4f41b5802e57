#include "host/cli/api_client.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <optional>

#include "host/api/engine.hpp"
#include "host/api/http_client.hpp"
#include "host/api/router.hpp"
#include "host/base/log.hpp"
#include "host/base/state_dir.hpp"

namespace lockstep::cli {
namespace {

namespace asio = boost::asio;

class DaemonClient final : public ApiClient {
 public:
  explicit DaemonClient(std::filesystem::path socket) : socket_(std::move(socket)) {}
  bool in_process() const override { return false; }

 protected:
  Outcome<api::Response> send(const api::Request& request) override { return api::http_request(socket_, request); }

 private:
  std::filesystem::path socket_;
};

class EngineClient final : public ApiClient {
 public:
  static Outcome<std::unique_ptr<ApiClient>> open(const std::filesystem::path& state, Work work) {
    set_log_level(LogLevel::error);  // a daemon tells its log what it does; a command tells its user
    auto client = std::unique_ptr<EngineClient>(new EngineClient);
    LOCKSTEP_TRY(engine, api::Engine::open(client->context_.get_executor(), {state}));
    client->engine_ = std::move(engine);
    if (work == Work::runs) {
      client->listen();
      LOCKSTEP_TRY(started, client->finish(client->engine_->start_work()));
      LOCKSTEP_CHECK(started);
      client->working_ = true;
    }
    return std::unique_ptr<ApiClient>(std::move(client));
  }

  ~EngineClient() override {
    signals_.cancel();
    if (!engine_) return;
    interrupted_ = false;
    auto stopped = finish(stop());
    context_.restart();
    context_.run();
  }

  bool in_process() const override { return true; }

 protected:
  Outcome<api::Response> send(const api::Request& request) override { return finish(engine_->handle(request)); }

 private:
  EngineClient() : signals_(context_) {}

  void listen() {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error) interrupted_ = true;
    });
  }

  asio::awaitable<bool> stop() {
    co_await engine_->stop();
    co_return true;
  }

  template <class T>
  static asio::awaitable<void> keep(asio::awaitable<T> task, std::shared_ptr<std::optional<T>> result) {
    T value = co_await std::move(task);
    result->emplace(std::move(value));
  }

  // Runs the loop until the coroutine has ended, or Ctrl-C came.
  template <class T>
  Outcome<T> finish(asio::awaitable<T> task) {
    auto result = std::make_shared<std::optional<T>>();  // shared: an interrupted task still writes to it
    auto died = std::make_shared<std::exception_ptr>();
    asio::co_spawn(context_, keep(std::move(task), result), [died](std::exception_ptr error) { *died = error; });
    context_.restart();
    while (!*result && !*died && !interrupted_) context_.run_one();
    if (*died) std::rethrow_exception(*died);
    if (!*result) {
      return fail(ErrorKind::cancelled, "interrupted", "what was under way is saved; the same command goes on with it");
    }
    return std::move(**result);
  }

  asio::io_context context_{1};
  asio::signal_set signals_;
  std::unique_ptr<api::Engine> engine_;
  bool interrupted_ = false;
  bool working_ = false;
};

}  // namespace

Outcome<std::unique_ptr<ApiClient>> ApiClient::connect(const std::filesystem::path& state, Work work) {
  const std::filesystem::path folder = state.empty() ? default_state_dir() : state;
  const std::filesystem::path socket = daemon_socket(folder);
  std::error_code ignored;
  if (std::filesystem::exists(socket, ignored)) {
    const api::Request status{"GET", "/v1/status", {}, {}};
    const auto answer = api::http_request(socket, status, api::status_limit);
    if (answer) return std::unique_ptr<ApiClient>(std::make_unique<DaemonClient>(socket));
    auto engine = EngineClient::open(folder, work);
    if (!engine && engine.error().kind == ErrorKind::conflict) return Fail(answer.error());  // it lives and hangs
    return engine;
  }
  return EngineClient::open(folder, work);
}

Outcome<json::object> ApiClient::ask(api::Request request) {
  LOCKSTEP_TRY(response, send(request));
  LOCKSTEP_TRY(value, api::parse_answer(response));
  if (!value.is_object()) return fail(ErrorKind::internal, "the answer to " + request.path + " is no JSON object");
  return std::move(value.as_object());
}

Outcome<json::object> ApiClient::get(const std::string& path, const Query& query) {
  return ask({"GET", path, query, {}});
}

Outcome<json::object> ApiClient::post(const std::string& path, const json::object& body) {
  return ask({"POST", path, {}, json::serialize(body)});
}

Outcome<json::object> ApiClient::post_bytes(const std::string& path, const Query& query, std::string bytes) {
  return ask({"POST", path, query, std::move(bytes)});
}

}  // namespace lockstep::cli
