#include "host/api/engine.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <algorithm>
#include <charconv>
#include <unistd.h>

#include "host/api/engine_parts.hpp"
#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/log.hpp"
#include "host/base/supervise.hpp"

namespace lockstep::api {

namespace asio = boost::asio;

namespace {

// The key that signs this host's evidence: made at first use, trusted by this state only.
Outcome<std::string> runner_key(store::Store& store, const std::filesystem::path& state) {
  const std::filesystem::path file = state / "runner.pem";
  auto pem = read_text_file(file);
  if (!pem && pem.error().kind != ErrorKind::not_found) return Fail(pem.error());
  if (!pem) {
    LOCKSTEP_TRY(key, PrivateKey::generate());
    LOCKSTEP_CHECK(write_file(file, key.pem(), {.replace = false, .mode = 0600}));
    pem = key.pem();
  }
  auto parsed = PrivateKey::from_pem(*pem);
  if (!parsed) {
    return Fail(Error{parsed.error().kind, file.string() + ": " + parsed.error().what,
                      "restore this file from a backup, or move it away: a new key is made, and trusted from then on"});
  }
  const PrivateKey& key = *parsed;
  const std::string id = key.public_key().id().hex();
  LOCKSTEP_TRY(known, store.queries().keys("runner"));
  for (const store::KeyRow& row : known) {
    if (row.key_id == id) return *std::move(pem);
  }
  const std::string name = "runner of " + store.origin();
  if (std::any_of(known.begin(), known.end(), [&](const store::KeyRow& row) { return row.name == name; })) {
    log_event(LogLevel::error, "runner.key.changed", {{"file", file.string()}, {"key", id.substr(0, 16)}});  // nobody should miss this
  }
  store::KeyTrusted trusted;
  trusted.key_id = id;
  trusted.name = name;
  trusted.role = "runner";
  trusted.public_pem = key.public_key().pem();
  LOCKSTEP_CHECK(store.append(std::move(trusted)));
  return *std::move(pem);
}

RunPlaces places(const EngineOptions& options, std::string runner_pem) {
  RunPlaces places{options.state / "runs", options.programs, std::move(runner_pem), {}};
  if (auto digest = sha256_file("/proc/self/exe")) places.tool_sha256 = digest->hex();
  return places;
}

std::optional<std::uint64_t> query_number(const Request& request, const std::string& name) {
  const auto it = request.query.find(name);
  if (it == request.query.end()) return std::nullopt;
  std::uint64_t value = 0;
  std::from_chars(it->second.data(), it->second.data() + it->second.size(), value);
  return value;
}

}  // namespace

Engine::Parts::Parts(asio::any_io_executor on, EngineOptions with, std::unique_ptr<store::Store> opened,
                     std::string runner_pem)
    : executor(on),
      options(std::move(with)),
      origin(opened->origin()),
      store(std::move(opened)),
      changes(on),
      jobs(on, store, shelf, planning, changes, session::smp_clients(on), options.policy, options.on_job_saved),
      runs(on, store, changes, places(options, std::move(runner_pem))),
      coordinator(on, store, jobs) {
  add_key_routes(router, *this);
  add_release_routes(router, *this);
  add_device_routes(router, *this);
  add_plan_routes(router, *this);
  add_account_routes(router, *this);
  add_job_routes(router, *this);
  add_hil_routes(router, *this);
  add_rollout_routes(router, *this);
  add_audit_routes(router, *this);
}

Engine::Engine(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Engine::~Engine() = default;

Outcome<std::unique_ptr<Engine>> Engine::open(asio::any_io_executor executor, EngineOptions options) {
  options.state = std::filesystem::absolute(options.state);  // clients in other folders are told paths below it
  LOCKSTEP_CHECK(make_folders(options.state, 0700));
  if (options.programs.empty()) options.programs = std::filesystem::canonical("/proc/self/exe").parent_path();
  LOCKSTEP_TRY(store, store::Store::open(options.state));
  LOCKSTEP_TRY(runner, runner_key(*store, options.state));
  auto parts = std::make_unique<Parts>(std::move(executor), std::move(options), std::move(store), std::move(runner));
  Parts* shared = parts.get();
  parts->store.subscribe(parts->executor, [shared](const store::StoredEvent&) {
    shared->changes.bump();
    shared->coordinator.wake();
  });
  return std::unique_ptr<Engine>(new Engine(std::move(parts)));
}

asio::awaitable<Response> Engine::handle(Request request) {
  if (request.method == "GET") {
    if (const auto after = query_number(request, "after")) {
      constexpr std::uint64_t longest_wait_ms = 600'000;
      const std::chrono::milliseconds limit(std::min(query_number(request, "wait_ms").value_or(15'000), longest_wait_ms));
      co_await parts_->changes.wait_beyond(*after, limit);
    }
  }
  const std::uint64_t change = parts_->changes.value();
  Response response;
  std::string died;
  try {
    response = co_await parts_->router.route(std::move(request));
  } catch (const std::exception& error) {
    died = error.what();
  }
  if (!died.empty()) co_return error_response(Error{ErrorKind::internal, "the request could not be answered: " + died});
  if (response.status == 200 && response.body.starts_with('{')) {
    // Every object tells the counter, so that a client can wait for what comes after exactly this answer.
    const std::string member = "{\"change\":" + std::to_string(change) + (response.body.size() > 2 ? "," : "");
    response.body.replace(0, 1, member);
  }
  co_return response;
}

asio::awaitable<Outcome<void>> Engine::start_work() {
  store::DaemonStarted started;
  started.daemon = parts_->origin;
  started.version = LOCKSTEP_VERSION;
  started.pid = ::getpid();
  auto appended = co_await parts_->store.append(std::move(started));
  if (!appended) co_return Fail(appended.error());
  LOCKSTEP_CO_CHECK(co_await parts_->runs.close_left_open());
  parts_->working = true;
  supervise(parts_->executor, "rollout coordinator", parts_->coordinator.run());
  co_return co_await parts_->jobs.resume_unfinished();
}

asio::awaitable<void> Engine::stop() {
  parts_->changes.close();
  parts_->coordinator.stop();
  co_await parts_->runs.drain();
  co_await parts_->jobs.drain();
}

bool Engine::busy() const { return !parts_->jobs.idle() || !parts_->runs.idle(); }

}  // namespace lockstep::api
