#include "host/store/store.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "host/store/replay.hpp"
#include "host/store/sqlite_db.hpp"
#include "host/store/store_test_support.hpp"
#include "host/store/verify.hpp"

using namespace lockstep;
using namespace lockstep::store;
using namespace lockstep::store::testing;

namespace {

Dump tables(const std::filesystem::path& state) {
  Database db = must(Database::open(state / "ledger.db", Database::Mode::read_only));
  return must(dump_projections(db));
}

}  // namespace

TEST_CASE("what was appended is there after opening again") {
  TempDir dir;
  {
    auto store = open_store(dir.path());
    append_all(*store, one_of_each());
  }
  auto store = open_store(dir.path(), "another name is not taken");
  CHECK(store->origin() == "test");
  CHECK(store->head().position == static_cast<std::int64_t>(one_of_each().size()));
  const auto log = must(store->queries().log());
  REQUIRE(log.size() == one_of_each().size());
  CHECK(log.front().header.type == "daemon.started");
  CHECK(log.front().header.time == "2026-11-23T18:00:01.000Z");
  CHECK(log.back().header.sequence == static_cast<std::int64_t>(log.size()));
}

TEST_CASE("the derived tables answer what people ask") {
  TempDir dir;
  auto store = open_store(dir.path());
  append_all(*store, one_of_each());
  Queries& queries = store->queries();

  const auto device = must(queries.find_device("board-1"));
  REQUIRE(device);
  CHECK(device->serial == "SN1");
  CHECK(device->health == "healthy");
  REQUIRE(device->components.size() == 1);
  CHECK(device->components[0].image_hash == digest_of('c'));
  CHECK(device->components[0].confirmed);
  CHECK(device->active_job.empty());
  CHECK(must(queries.find_device_by_serial("SN2"))->name == "board-2");
  CHECK(must(queries.find_device("board-2"))->reported.empty());
  CHECK_FALSE(must(queries.find_device("board-3")));

  const auto release = must(queries.find_release("thermostat@2.0.0"));
  REQUIRE(release);
  CHECK(release->title == "Heat \"pump\"");
  REQUIRE(release->images.size() == 1);
  CHECK(release->images[0].size == 51200);

  const auto job = must(queries.find_job("job-1"));
  REQUIRE(job);
  CHECK(job->outcome == "reverted");
  CHECK(job->facts.at("resets").as_int64() == 1);
  CHECK(job->facts.at("old_version").as_string() == "1.0.0");
  CHECK(must(queries.unfinished_jobs()).empty());

  const auto run = must(queries.find_run("run-1"));
  REQUIRE(run);
  CHECK(run->verdict == "passed-unstable");
  REQUIRE(run->attempts.size() == 2);
  CHECK(run->attempts[0].verdict == "failed");
  CHECK(run->attempts[1].measurements.at("boot").as_string() == "812 ms");

  CHECK(must(queries.evidence(digest_of('d'))).size() == 1);
  CHECK(must(queries.evidence(digest_of('0'))).empty());
  CHECK(must(queries.keys("runner")).size() == 1);
  CHECK(must(queries.keys("release")).empty());
  CHECK(must(queries.artefacts()).size() == 2);

  const auto rollout = must(queries.find_rollout("rollout-1"));
  REQUIRE(rollout);
  CHECK(rollout->state == "completed");
  REQUIRE(rollout->devices.size() == 2);
  CHECK(rollout->devices[0].job == "job-1");
  CHECK(rollout->devices[0].outcome == "reverted");
  CHECK(rollout->devices[0].accepted);
  CHECK(rollout->devices[1].outcome.empty());

  CHECK(must(queries.log({.subject = "job/job-1"})).size() == 3);
  CHECK(must(queries.log({.type_prefix = "rollout."})).size() == 8);
  CHECK(must(queries.log({.after = 2, .limit = 1})).front().position == 3);
}

TEST_CASE("an event that does not fit what is known is not appended, nor is any other of its transaction") {
  TempDir dir;
  auto store = open_store(dir.path());
  append_all(*store, one_of_each());
  const Head before = store->head();
  const auto refused = [&](EventBody body, ErrorKind kind, std::string_view words) {
    const auto result = store->append({DaemonStarted{.daemon = "x", .version = "", .pid = 1}, std::move(body)});
    REQUIRE_FALSE(result);
    CAPTURE(result.error().what);
    CHECK(result.error().kind == kind);
    CHECK(result.error().what.find(words) != std::string::npos);
    CHECK(store->head().position == before.position);
  };
  refused(DeviceAdded{.device = "board-1"}, ErrorKind::conflict, "device board-1 exists already");
  refused(JobCreated{.job = "job-9", .device = "nowhere", .release = "thermostat@2.0.0"}, ErrorKind::not_found, "no device nowhere");
  refused(JobCreated{.job = "job-9", .device = "board-1", .release = "x"}, ErrorKind::not_found, "no release x");
  refused(JobState{.job = "job-1", .state = "marking"}, ErrorKind::conflict, "job job-1 has ended");
  refused(JobFinished{.job = "job-7", .outcome = "failed"}, ErrorKind::not_found, "no job job-7");
  refused(JobFinished{.job = "job-1", .outcome = "exploded"}, ErrorKind::invalid, "cannot end as");
  refused(RolloutPaused{.rollout = "rollout-1"}, ErrorKind::conflict, "rollout rollout-1 is completed");
  refused(EvidenceAdded{.digest = digest_of('9')}, ErrorKind::not_found, "no artefact");
  refused(HilAttempt{.run = "run-1", .test = "boots", .attempt = 2}, ErrorKind::conflict, "UNIQUE");

  must(store->append(JobCreated{.job = "job-2", .device = "board-2", .release = "thermostat@2.0.0"}));
  CHECK(must(store->queries().find_device("board-2"))->active_job == "job-2");
  const auto second = store->append(JobCreated{.job = "job-3", .device = "board-2", .release = "thermostat@2.0.0"});
  REQUIRE_FALSE(second);
  CHECK(second.error().what.find("device board-2 is busy with job-2") != std::string::npos);
  CHECK(must(verify_ledger(dir.path())).ok());
}

TEST_CASE("replaying the ledger gives the same tables") {
  TempDir dir;
  auto store = open_store(dir.path());
  append_all(*store, one_of_each());
  const Dump before = tables(dir.path());
  CHECK(before.size() == 10);
  for (const auto& [name, rows] : before) {
    const std::string& table = name;
    CAPTURE(table);
    CHECK_FALSE(rows.empty());  // the test would prove nothing about a table without rows
  }
  must(store->rebuild());
  CHECK(tables(dir.path()) == before);
  CHECK(must(verify_projections(dir.path())).empty());
  // And the store goes on.
  must(store->append(DeviceAdded{.device = "board-3"}));
  CHECK(must(verify_projections(dir.path())).empty());
}

TEST_CASE("tables of another version are made again from the ledger") {
  TempDir dir;
  {
    auto store = open_store(dir.path());
    append_all(*store, one_of_each());
  }
  const Dump before = tables(dir.path());
  {
    Database db = must(Database::open(dir / "ledger.db", Database::Mode::create));
    must(db.execute("UPDATE meta SET value = '0' WHERE name = 'projections'; DROP TABLE attempts; "
                    "CREATE TABLE left_over (x); DELETE FROM evidence"));
  }
  CHECK_FALSE(must(verify_projections(dir.path())).empty());
  { auto store = open_store(dir.path()); }
  CHECK(tables(dir.path()) == before);
}

TEST_CASE("a second store on the same folder is refused with the holder's name") {
  TempDir dir;
  auto store = open_store(dir.path());
  const auto second = Store::open(dir.path());
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::conflict);
  CHECK(second.error().what.find("is in use by process " + std::to_string(::getpid())) != std::string::npos);
  store.reset();
  CHECK(Store::open(dir.path()));
}

TEST_CASE("the writer is as durable as it says") {
  TempDir dir;
  Database db = must(Database::open(dir / "x.db", Database::Mode::create));
  CHECK(must(db.text("PRAGMA journal_mode")) == "wal");
  CHECK(must(db.integer("PRAGMA synchronous")) == 2);  // FULL
  CHECK(must(db.integer("PRAGMA foreign_keys")) == 1);
}

TEST_CASE("another program's database and a newer ledger are left alone") {
  TempDir dir;
  { must(must(Database::open(dir / "ledger.db", Database::Mode::create)).execute("CREATE TABLE theirs (x)")); }
  const auto foreign = Store::open(dir.path());
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().what == "the file is a database of another program");

  TempDir newer;
  { auto store = open_store(newer.path()); }
  { must(must(Database::open(newer / "ledger.db", Database::Mode::create)).execute("PRAGMA user_version = 99")); }
  const auto refused = Store::open(newer.path());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::conflict);
}

// The child appends and tells each acknowledged position; it is killed at a moment that nobody chose.
TEST_CASE("after SIGKILL nothing that was acknowledged is lost") {
  for (int round = 0; round < 8; ++round) {
    CAPTURE(round);
    TempDir dir;
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(pipe_ends[0]);
      auto store = Store::open(dir.path());
      for (std::int64_t n = 1; store && n < 100'000; ++n) {
        const auto stored = (*store)->append(ArtefactAdded{.digest = std::to_string(n), .size = n, .role = "log", .name = "x"});
        if (!stored || ::write(pipe_ends[1], &stored->position, sizeof stored->position) < 0) break;
      }
      ::_exit(1);  // only reached when an append failed
    }
    ::close(pipe_ends[1]);
    std::int64_t acknowledged = 0, position = 0;
    const std::int64_t enough = 5 + 37 * round;
    while (acknowledged < enough && ::read(pipe_ends[0], &position, sizeof position) == sizeof position) acknowledged = position;
    REQUIRE(::kill(child, SIGKILL) == 0);
    while (::read(pipe_ends[0], &position, sizeof position) == sizeof position) acknowledged = position;
    ::close(pipe_ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));

    const LedgerReport report = must(verify_ledger(dir.path()));
    CHECK_MESSAGE(report.ok(), report.problems.front().where << ": " << report.problems.front().what);
    CHECK(report.events >= acknowledged);
    auto store = open_store(dir.path());
    CHECK(store->head().position >= acknowledged);
    CHECK(must(store->queries().artefacts()).size() == static_cast<std::size_t>(report.events));
    must(store->append(DaemonStarted{.daemon = "again", .version = "", .pid = 1}));
    CHECK(must(verify_ledger(dir.path())).end_proved);
  }
}
