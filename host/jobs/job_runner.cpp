#include "host/jobs/job_runner.hpp"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "host/base/ids.hpp"
#include "host/base/log.hpp"
#include "host/jobs/device_report.hpp"
#include "host/jobs/releases.hpp"

namespace lockstep::jobs {

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

// The member of a job's facts that says that somebody wants it to stop.
constexpr std::string_view cancel_wanted = "cancel";

JobRunner::JobRunner(asio::any_io_executor executor, store::StoreThread& store, ReleaseShelf& shelf, PlanningThread& planning,
                     ChangeCounter& changes, session::ClientFactory clients, update::Policy policy, SavedHook saved)
    : executor_(std::move(executor)),
      store_(store),
      shelf_(shelf),
      changes_(changes),
      clients_(std::move(clients)),
      policy_(policy),
      patches_(store),
      planning_(planning),
      saved_(std::move(saved)) {}

asio::awaitable<Outcome<std::optional<store::JobRow>>> JobRunner::find_same(std::string device, std::string release) {
  const auto find = [&](store::Store& store) -> Outcome<std::optional<store::JobRow>> {
    LOCKSTEP_TRY(row, find_release(store, release));
    LOCKSTEP_TRY(found, store.queries().find_device(device));
    if (!found) {
      return fail(ErrorKind::not_found, "there is no device '" + device + "'", "`lockstep device list` shows them all");
    }
    if (found->active_job.empty()) return std::optional<store::JobRow>();
    LOCKSTEP_TRY(active, store.queries().find_job(found->active_job));
    if (active && active->release != row.id) {
      return fail(ErrorKind::conflict, fmt::format("{} is busy with {}, an update to {}", device, active->id, active->release),
                  fmt::format("`lockstep update {} --to {}` goes on with it; then ask again", device, active->release));
    }
    return active;
  };
  co_return co_await store_.run(find);
}

// By what is stored; the job itself asks the device. A report that is too old to plan from is no reason yet.
asio::awaitable<Outcome<void>> JobRunner::must_have_a_plan(std::string device, std::string release) {
  const auto read = [&](store::Store& store) { return material_for_device(store, shelf_, device, release); };
  LOCKSTEP_CO_TRY(material, co_await store_.run(read));
  const auto make = [&] { return make_plan_document(material); };
  auto made = co_await planning_.run(make);
  if (!made && made.error().kind == ErrorKind::refused) co_return Fail(made.error());
  co_return Outcome<void>{};
}

asio::awaitable<Outcome<std::string>> JobRunner::create(std::string device, std::string release) {
  LOCKSTEP_CO_TRY(same, co_await find_same(device, release));
  if (same) {
    start_job(*same);
    co_return same->id;
  }
  LOCKSTEP_CO_CHECK(co_await must_have_a_plan(device, release));
  const auto create = [&](store::Store& store) -> Outcome<store::JobRow> {
    LOCKSTEP_TRY(row, find_release(store, release));
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
  job->cancel = job->live.cancelling = job->row.facts.contains(cancel_wanted);
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

// Kept before it is said: who was told that the job stops must not find it done because the daemon died meanwhile.
asio::awaitable<Outcome<void>> JobRunner::cancel(std::string id) {
  const auto keep = [&](store::Store& store) -> Outcome<void> {
    LOCKSTEP_TRY(row, store.queries().find_job(id));
    if (!row) return fail(ErrorKind::not_found, "there is no job '" + id + "'", "`lockstep job list` shows them all");
    if (!row->outcome.empty()) return fail(ErrorKind::conflict, fmt::format("job {} has ended already, as {}", id, row->outcome));
    store::JobState asked{.job = id, .state = row->state, .facts = {{cancel_wanted, true}}};
    LOCKSTEP_TRY(kept, store.append(std::move(asked), "api"));
    return {};
  };
  LOCKSTEP_CO_CHECK(co_await store_.run(keep));
  const auto it = running_.find(id);
  if (it == running_.end()) co_return Outcome<void>{};  // whoever goes on with it will see it
  it->second->cancel = true;
  it->second->live.cancelling = true;
  changes_.bump();
  co_return Outcome<void>{};
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

asio::awaitable<void> JobRunner::finish(store::JobRow row, json::object facts, JobEnd end) {
  std::vector<store::EventBody> events;
  if (end.report) events.emplace_back(*std::move(end.report));
  store::JobFinished finished;
  finished.job = row.id;
  finished.outcome = std::move(end.outcome);
  finished.reason = std::move(end.reason);
  finished.facts = std::move(facts);
  events.emplace_back(std::move(finished));
  auto appended = co_await store_.append_all(std::move(events));
  if (!appended) log_event(LogLevel::error, "job.not_recorded", {{"job", row.id}, {"error", appended.error().what}});
}

asio::awaitable<void> JobRunner::run(std::shared_ptr<Running> running) {
  const store::JobRow row = running->row;
  auto trail = job_trail_from_json(row.facts);
  if (!trail) {
    JobEnd end;
    end.outcome = "failed";
    end.reason = trail.error().what;
    json::object nothing;
    co_await finish(row, std::move(nothing), std::move(end));
    co_return;
  }
  StoreDepot depot(store_, shelf_, patches_, row, saved_);
  JobWalk walk({depot, planning_, clients_, policy_}, row.id, *trail, *running);
  auto end = co_await walk.run();
  if (!end) {
    log_event(LogLevel::info, "job.interrupted", {{"job", row.id}});
    co_return;
  }
  const bool tell_what_runs = end->outcome != "succeeded" && end->outcome != "unreachable";
  co_await finish(row, walk.facts(), *std::move(end));
  if (!tell_what_runs) co_return;
  std::string device = row.device;
  const auto read = [device](store::Store& store) { return store.queries().find_device(device); };
  auto found = co_await store_.run(read);
  if (!found || !*found) co_return;
  store::DeviceRow device_row = **found;
  auto observed = co_await observe(device_row);
  if (!observed) log_event(LogLevel::warning, "device.silent", {{"device", device}, {"error", observed.error().what}});
}

asio::awaitable<Outcome<store::DeviceUpdated>> JobRunner::observe(store::DeviceRow device) {
  LOCKSTEP_CO_TRY(report, co_await ask_known_device(clients_, device));
  store::DeviceUpdated event = report;
  auto appended = co_await store_.append(std::move(event));
  if (!appended) co_return Fail(appended.error());
  co_return report;
}

}  // namespace lockstep::jobs
