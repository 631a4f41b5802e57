#include "host/api/runs.hpp"

#include <fmt/format.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "host/api/run_journal.hpp"
#include "host/base/files.hpp"
#include "host/base/ids.hpp"
#include "host/base/log.hpp"
#include "host/base/supervise.hpp"
#include "host/hil/real_equipment.hpp"
#include "host/jobs/releases.hpp"

namespace lockstep::api {

namespace asio = boost::asio;

struct RunManager::Running final : hil::ProgressSink {
  explicit Running(ChangeCounter& counter) : changes(counter) {}

  void on_progress(const hil::Progress& p) override {
    constexpr std::size_t kept = 200;
    changes.bump();
    live.done_bytes = p.done;
    live.total_bytes = p.total;
    if (p.total > 0) return;  // one of many chunks; only the newest counts
    live.happened.push_back(p);
    if (live.happened.size() <= kept) return;
    live.happened.pop_front();
    ++live.dropped;
  }

  std::string id, rig, release, manifest_digest;
  ChangeCounter& changes;
  hil::RunControl control;
  LiveRun live;
};

namespace {

struct Inputs {
  store::ReleaseRow row;
  hil::RunRequest request;
};

Outcome<void> add_release(store::Store& store, const store::ReleaseRow& row, std::string_view role,
                         hil::RunRequest& request) {
  LOCKSTEP_TRY(manifest, jobs::load_release(store, row));
  request.releases.emplace(role, manifest);
  for (const release::Firmware& firmware : manifest.firmware) {
    LOCKSTEP_TRY(path, store.artefacts().verified_path(firmware.sha256.hex()));
    request.artifacts.push_back({std::string(role), firmware.component, firmware.file, path.string(), firmware.sha256.hex()});
  }
  return {};
}

Outcome<Inputs> gather(store::Store& store, const RunOrder& order) {
  Inputs inputs;
  LOCKSTEP_TRY(suite, hil::parse_suite(order.suite_xml, order.suite_name));
  LOCKSTEP_TRY(rig, hil::parse_rig(order.rig_xml, order.rig_name));
  LOCKSTEP_TRY(row, jobs::find_release(store, order.release));
  inputs.row = row;
  inputs.request.suite = std::move(suite);
  inputs.request.rig = std::move(rig);
  inputs.request.release = hil::ReleaseRef{row.product, row.version, row.id + ".xml", row.manifest_digest};
  LOCKSTEP_CHECK(add_release(store, row, "candidate", inputs.request));
  if (!order.baseline.empty()) {
    LOCKSTEP_TRY(baseline, jobs::find_release(store, order.baseline));
    LOCKSTEP_CHECK(add_release(store, baseline, "baseline", inputs.request));
  }
  LOCKSTEP_TRY(keys, store.queries().keys("image"));
  for (const store::KeyRow& key : keys) inputs.request.image_keys_pem.push_back(key.public_pem);
  inputs.request.params = order.params;
  return inputs;
}

}  // namespace

RunManager::RunManager(asio::any_io_executor executor, store::StoreThread& store, ChangeCounter& changes, RunPlaces places)
    : executor_(std::move(executor)), store_(store), changes_(changes), places_(std::move(places)) {}

asio::awaitable<Outcome<std::string>> RunManager::start(RunOrder order) {
  const auto collect = [&](store::Store& store) { return gather(store, order); };
  LOCKSTEP_CO_TRY(inputs, co_await store_.run(collect));
  for (const auto& [id, other] : running_) {
    if (other->rig != inputs.request.rig.id) continue;
    co_return fail(ErrorKind::conflict, "rig " + other->rig + " is in use by run " + id, "wait until it has ended");
  }
  auto running = std::make_shared<Running>(changes_);
  running->id = new_id("run");
  running->rig = inputs.request.rig.id;
  running->release = inputs.row.id;
  running->manifest_digest = inputs.row.manifest_digest;

  hil::RunRequest request = std::move(inputs.request);
  request.run_id = running->id;
  request.run_dir = directory(running->id).string();
  request.rig_values["bin"] = places_.programs.string();
  request.tool_name = "lockstep " LOCKSTEP_VERSION;
  request.tool_sha256 = places_.tool_sha256;
  request.runner_key_pem = places_.runner_pem;
  LOCKSTEP_CO_CHECK(make_folders(directory(running->id), 0700));
  if (!request.image_keys_pem.empty()) {
    const std::filesystem::path key = directory(running->id) / "image-key.pub.pem";
    LOCKSTEP_CO_CHECK(write_file(key, request.image_keys_pem.front()));
    request.rig_values["image.key"] = key.string();
  }
  std::string id = running->id;
  running_.emplace(id, running);
  supervise(executor_, "hil run", run(running, std::move(request)));
  co_return id;
}

asio::awaitable<void> RunManager::run(std::shared_ptr<Running> running, hil::RunRequest request) {
  hil::RealEquipment equipment;
  hil::SystemClock clock;
  LedgerRunJournal journal(store_, running->release, running->manifest_digest);
  std::string trouble;
  try {
    auto result = co_await hil::run_suite(std::move(request), equipment, clock, journal, *running, running->control);
    if (!result) trouble = result.error().what;
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  if (!trouble.empty()) {
    log_event(LogLevel::error, "hil.run.died", {{"run", running->id}, {"error", trouble}});
    store::HilRunFinished finished;
    finished.run = running->id;
    finished.verdict = "error";
    finished.reason = trouble;
    auto appended = co_await store_.append(std::move(finished));
    if (!appended) log_event(LogLevel::error, "hil.run.not_recorded", {{"error", appended.error().what}});
  }
  running_.erase(running->id);
  changes_.bump();
}

asio::awaitable<Outcome<void>> RunManager::close_left_open() {
  const auto close = [](store::Store& store) -> Outcome<void> {
    LOCKSTEP_TRY(runs, store.queries().runs());
    for (const store::RunRow& run : runs) {
      if (!run.finished.empty()) continue;
      store::HilRunFinished finished;
      finished.run = run.id;
      finished.verdict = "error";
      finished.reason = "Lockstep was killed during the run";
      LOCKSTEP_CHECK(store.append(std::move(finished)));
    }
    return {};
  };
  co_return co_await store_.run(close);
}

const LiveRun* RunManager::live(const std::string& id) const {
  const auto it = running_.find(id);
  return it == running_.end() ? nullptr : &it->second->live;
}

Outcome<void> RunManager::cancel(const std::string& id) {
  const auto it = running_.find(id);
  if (it == running_.end()) return fail(ErrorKind::conflict, "run " + id + " is not running");
  it->second->control.cancel("asked for by a person");
  return {};
}

asio::awaitable<void> RunManager::drain() {
  const std::map<std::string, std::shared_ptr<Running>> runs = running_;
  for (const auto& [id, run] : runs) run->control.cancel("Lockstep is stopping");
  while (!running_.empty()) {
    asio::steady_timer pause(executor_, std::chrono::milliseconds(10));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

}  // namespace lockstep::api
