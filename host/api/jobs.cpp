#include "host/api/jobs.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "host/api/job_journal.hpp"
#include "host/api/releases.hpp"
#include "host/base/ids.hpp"
#include "host/base/log.hpp"
#include "host/update/standing.hpp"

namespace lockstep::api {

namespace asio = boost::asio;

struct JobRunner::Running final : update::JobWatch {
  Running(store::JobRow of, ChangeCounter& counter) : row(std::move(of)), changes(counter) {}

  void on_progress(const update::Progress& progress) override {
    live.progress = progress;
    changes.bump();
  }
  void on_device_log(std::string_view line) override {
    constexpr std::size_t lines_kept = 20;
    live.log.emplace_back(line);
    if (live.log.size() > lines_kept) live.log.pop_front();
  }
  bool cancel_wanted() override { return cancel; }

  store::JobRow row;
  ChangeCounter& changes;
  LiveJob live;
  bool cancel = false;
  asio::cancellation_signal interrupt;
};

JobRunner::JobRunner(asio::any_io_executor executor, store::StoreThread& store, ChangeCounter& changes,
                     session::ClientFactory clients, SavedHook saved)
    : executor_(std::move(executor)),
      store_(store),
      changes_(changes),
      clients_(std::move(clients)),
      saved_(std::move(saved)),
      patches_(store) {}

asio::awaitable<Outcome<std::string>> JobRunner::create(std::string device, std::string release) {
  const auto create = [&](store::Store& store) -> Outcome<store::JobRow> {
    LOCKSTEP_TRY(row, find_release(store, release));
    LOCKSTEP_TRY(found, store.queries().find_device(device));
    if (!found) {
      return fail(ErrorKind::not_found, "there is no device '" + device + "'", "`lockstep device list` shows them all");
    }
    if (!found->active_job.empty()) {
      LOCKSTEP_TRY(active, store.queries().find_job(found->active_job));
      if (active && active->release == row.id) return *std::move(active);
    }
    LOCKSTEP_TRY(manifest, load_release(store, row));
    LOCKSTEP_TRY(answer, pair(manifest, *found));
    store::JobCreated created;
    created.job = new_id("job");
    created.device = device;
    created.release = row.id;
    LOCKSTEP_CHECK(store.append(created, "api"));
    LOCKSTEP_TRY(job, store.queries().find_job(created.job));
    return *std::move(job);
  };
  LOCKSTEP_CO_TRY(job, co_await store_.run(create));
  std::string id = job.id;
  start_job(std::move(job));
  co_return id;
}

void JobRunner::start_job(store::JobRow row) {
  if (draining_ || running_.contains(row.id)) return;
  const std::string id = row.id;
  auto job = std::make_shared<Running>(std::move(row), changes_);
  running_.emplace(id, job);
  const auto ended = [this, id](std::exception_ptr error) {
    if (error && !draining_) log_event(LogLevel::error, "job.died", {{"job", id}});
    running_.erase(id);
    changes_.bump();
  };
  asio::co_spawn(executor_, run(job), asio::bind_cancellation_slot(job->interrupt.slot(), ended));
}

asio::awaitable<Outcome<void>> JobRunner::resume_unfinished() {
  const auto read = [](store::Store& store) { return store.queries().unfinished_jobs(); };
  LOCKSTEP_CO_TRY(jobs, co_await store_.run(read));
  for (store::JobRow& job : jobs) start_job(std::move(job));
  co_return Outcome<void>{};
}

Outcome<void> JobRunner::cancel(const std::string& id) {
  const auto it = running_.find(id);
  if (it == running_.end()) return fail(ErrorKind::conflict, "job " + id + " is not running");
  it->second->cancel = true;
  return {};
}

const LiveJob* JobRunner::live(const std::string& id) const {
  const auto it = running_.find(id);
  return it == running_.end() ? nullptr : &it->second->live;
}

asio::awaitable<void> JobRunner::drain() {
  draining_ = true;
  const std::map<std::string, std::shared_ptr<Running>> jobs = running_;
  for (const auto& [id, job] : jobs) job->interrupt.emit(asio::cancellation_type::terminal);
  while (!running_.empty()) {
    asio::steady_timer pause(executor_, std::chrono::milliseconds(10));
    co_await pause.async_wait(asio::use_awaitable);
  }
}

// Pairing is asked of the device as it is now, not as the store remembers it: somebody may have flashed it by hand.
asio::awaitable<Outcome<void>> JobRunner::check_pairing(store::JobRow job) {
  const auto read = [&](store::Store& store) { return store.queries().find_device(job.device); };
  LOCKSTEP_CO_TRY(device, co_await store_.run(read));
  if (!device) co_return fail(ErrorKind::not_found, "there is no device '" + job.device + "'");
  auto observed = co_await observe(*device);
  if (!observed) co_return Fail(observed.error());
  const auto check = [&](store::Store& store) -> Outcome<void> {
    LOCKSTEP_TRY(row, find_release(store, job.release));
    LOCKSTEP_TRY(manifest, load_release(store, row));
    LOCKSTEP_TRY(now, store.queries().find_device(job.device));
    LOCKSTEP_TRY(answer, pair(manifest, *now));
    return {};
  };
  co_return co_await store_.run(check);
}

asio::awaitable<Outcome<update::Job>> JobRunner::prepare(store::JobRow row) {
  const auto read = [&](store::Store& store) -> Outcome<update::Job> {
    LOCKSTEP_TRY(release_row, find_release(store, row.release));
    LOCKSTEP_TRY(manifest, load_release(store, release_row));
    LOCKSTEP_TRY(device, store.queries().find_device(row.device));
    if (!device) return fail(ErrorKind::not_found, "there is no device '" + row.device + "'");
    if (manifest.firmware.size() != 1) {
      return fail(ErrorKind::refused,
                  fmt::format("{} has {} firmware components; a job updates exactly one", manifest.name(),
                              manifest.firmware.size()));
    }
    const release::Firmware& firmware = manifest.firmware.front();
    LOCKSTEP_TRY(link, link::parse_link_uri(device->link));
    update::Job job;
    job.id = row.id;
    job.link = link;
    job.identity = {device->board, device->revision, device->serial, device->serial.empty()};
    job.image_hash = firmware.image_hash.hex();
    job.version = firmware.version.text();
    job.size_bytes = firmware.size;
    // A device that never reported its health cannot start to now; the best it can prove is that it answers.
    if (device->health == "unknown") job.policy.health = update::HealthRule::answers;
    job.image = image_provider(store_, firmware.sha256.hex());
    job.patch = patches_.provider(firmware.sha256.hex());
    return job;
  };
  co_return co_await store_.run(read);
}

asio::awaitable<void> JobRunner::finish(store::JobRow row, std::string outcome, std::string reason) {
  store::JobFinished finished;
  finished.job = row.id;
  finished.outcome = std::move(outcome);
  finished.reason = std::move(reason);
  auto appended = co_await store_.append(std::move(finished));
  if (!appended) log_event(LogLevel::error, "job.not_recorded", {{"job", row.id}, {"error", appended.error().what}});
}

asio::awaitable<void> JobRunner::run(std::shared_ptr<Running> running) {
  const store::JobRow row = running->row;
  if (row.state == update::name(update::State::queued)) {
    auto paired = co_await check_pairing(row);
    if (!paired) {
      const bool silent = paired.error().kind == ErrorKind::unreachable;
      const std::string outcome = silent ? "unreachable" : "failed";
      co_await finish(row, outcome, paired.error().what);
      co_return;
    }
  }
  auto job = co_await prepare(row);
  if (!job) {
    co_await finish(row, "failed", job.error().what);
    co_return;
  }
  auto record = record_of(row);
  if (!record) {
    co_await finish(row, "failed", record.error().what);
    co_return;
  }
  const std::string health = job->policy.health == update::HealthRule::reported ? "healthy" : "unknown";
  LedgerJournal journal(store_, row.device, job->version, job->image_hash, health, saved_);
  const update::JobResult result = co_await update::run_job(*job, *record, clients_, journal, *running);
  if (!result.finished()) {
    log_event(LogLevel::info, "job.interrupted", {{"job", row.id}, {"why", result.interrupted}});
    co_return;
  }
  const bool tell_what_runs = result.state != update::State::succeeded && result.state != update::State::unreachable;
  if (!tell_what_runs) co_return;
  std::string device = row.device;
  const auto read = [device](store::Store& store) { return store.queries().find_device(device); };
  auto found = co_await store_.run(read);
  if (!found || !*found) co_return;
  store::DeviceRow device_row = **found;
  auto observed = co_await observe(device_row);
  if (!observed) log_event(LogLevel::warning, "device.silent", {{"device", device}, {"error", observed.error().what}});
}

namespace {

// A report is filed under the device's name only when the device at its link is the one of that name. One that cannot
// say who it is was vouched for when it was added.
asio::awaitable<Outcome<void>> must_be_the_same(session::DeviceClient& client, const store::DeviceRow& device) {
  auto found = co_await client.identity();
  if (!found && found.error().kind == ErrorKind::not_found) co_return Outcome<void>();
  if (!found) co_return Fail(std::move(found).error());
  update::ExpectedIdentity expected;
  expected.board = device.board;
  expected.revision = device.revision;
  expected.serial = device.serial;
  if (const auto why = update::mismatch(expected, *found)) {
    co_return fail(ErrorKind::refused, fmt::format("at the link of {} there is another device: {}", device.name, *why),
                   fmt::format("plug the right one in, or tell where it is now: lockstep device set {} --link URI", device.name));
  }
  co_return Outcome<void>();
}

}  // namespace

asio::awaitable<Outcome<store::DeviceUpdated>> JobRunner::observe(store::DeviceRow device) {
  LOCKSTEP_CO_TRY(uri, link::parse_link_uri(device.link));
  const session::LineSink no_log = [](std::string_view) {};
  auto client = clients_(uri, no_log);
  LOCKSTEP_CO_CHECK(co_await must_be_the_same(*client, device));
  LOCKSTEP_CO_TRY(report, co_await ask_device(std::move(client), device.name));
  store::DeviceUpdated event = report;
  auto appended = co_await store_.append(std::move(event));
  if (!appended) co_return Fail(appended.error());
  co_return report;
}

asio::awaitable<Outcome<store::DeviceUpdated>> ask_device(std::unique_ptr<session::DeviceClient> client,
                                                          std::string device) {
  LOCKSTEP_CO_TRY(inventory, co_await client->inventory());
  store::DeviceUpdated report;
  report.device = std::move(device);
  if (const session::ImageSlot* running = inventory.running()) {
    report.components.push_back({"app", running->version, running->hash, running->confirmed});
  }
  if (inventory.params) report.facts["buffer_size"] = std::to_string(inventory.params->buffer_size);
  if (inventory.bootloader) {
    report.facts["bootloader"] = inventory.bootloader->name;
    if (inventory.bootloader->mode) report.facts["boot_mode"] = std::to_string(*inventory.bootloader->mode);
  }
  auto health = co_await client->health();
  if (health) {
    report.health = health->healthy ? "healthy" : "unhealthy";
    report.detail = health->detail;
  } else if (health.error().kind != ErrorKind::not_found) {
    co_return Fail(health.error());
  }
  co_return report;
}

}  // namespace lockstep::api
