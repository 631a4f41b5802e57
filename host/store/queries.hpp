// The derived tables as plain rows. Every function reads a consistent state; lists are ordered by name or, for
// jobs, runs and rollouts, newest first. Failures are io or invalid (damaged file); a missing row is an empty
// optional from find_*(), never an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/store/event.hpp"
#include "host/store/ledger.hpp"

namespace lockstep::store {

class Database;

struct DeviceRow {
  std::string name, link, serial, board, revision, product;
  std::vector<ComponentReport> components;  // last report; empty: never asked
  std::string health = "unknown", health_detail;
  Facts facts;
  Facts software;  // in use with the device: {"mobile-app": "5.3.0"}
  std::string added, reported;  // times; `reported` is empty until the device answered once
  std::string active_job;       // empty: none
};

struct ArtefactRow {
  std::string digest, role, name, added;
  std::int64_t size = 0;
};

struct ReleaseRow {
  std::string id, product, version, title, manifest_digest, envelope_digest, added;
  std::vector<std::string> key_ids;
  std::vector<ReleaseImage> images;
};

struct JobRow {
  std::string id, device, release, rollout;
  std::string state;            // last state that was saved; "queued" at first
  Facts facts;
  std::string outcome, reason;  // empty until finished
  std::string created, updated, finished;  // times; `finished` empty while it runs
};

struct AttemptRow {
  std::string test, verdict, reason, time;
  std::int64_t attempt = 1, duration_ms = 0;
  std::vector<std::string> artefacts;
  Facts measurements;
};

struct RunRow {
  std::string id, suite, suite_digest, rig, rig_digest, release, manifest_digest;
  std::string verdict, reason, evidence_digest, report_digest;  // empty until finished
  std::string started, finished;
  std::vector<AttemptRow> attempts;  // only from find_run()
};

struct EvidenceRow {
  std::string digest, run, suite, verdict, manifest_digest, added;
};

struct KeyRow {
  std::string key_id, name, role, public_pem, added;
};

// A device's place in a rollout.
struct RolloutDevice {
  std::string device;
  std::int64_t stage = 0;
  std::string job;              // last job of this rollout on it; empty: not started
  std::string outcome, reason;  // its counted result; empty: none yet
  bool accepted = false;        // bad, and a person went on nevertheless
};

struct RolloutRow {
  std::string id, release, manifest_digest;
  std::string state;        // "running", "paused", "halted", "completed"
  std::string reason;       // of a pause or halt
  std::int64_t stage = -1;  // index of the stage that runs; -1: none was started
  std::vector<StagePlan> stages;
  std::vector<std::string> evidence;
  std::vector<RolloutDevice> devices;  // in the order of the stages
  std::string created, updated;
};

// What an audit reader sees of the ledger.
struct LedgerRow {
  std::int64_t position = 0;
  EventHeader header;
  std::string canonical;  // the stored bytes
};

struct LogFilter {
  std::string subject = {};       // exact, or empty
  std::string type_prefix = {};   // "rollout.", or empty
  std::int64_t after = 0;         // positions greater than this
  std::int64_t limit = 1000;
};

class Queries {
 public:
  explicit Queries(Database& database) : db_(database) {}

  Outcome<std::vector<DeviceRow>> devices();
  Outcome<std::optional<DeviceRow>> find_device(std::string_view name);
  Outcome<std::optional<DeviceRow>> find_device_by_serial(std::string_view serial);

  Outcome<std::vector<ArtefactRow>> artefacts();
  Outcome<std::optional<ArtefactRow>> find_artefact(std::string_view digest);

  Outcome<std::vector<ReleaseRow>> releases();
  Outcome<std::optional<ReleaseRow>> find_release(std::string_view id);

  Outcome<std::vector<JobRow>> jobs();
  Outcome<std::vector<JobRow>> unfinished_jobs();  // oldest first: the order in which to resume them
  Outcome<std::optional<JobRow>> find_job(std::string_view id);

  Outcome<std::vector<RunRow>> runs();
  Outcome<std::optional<RunRow>> find_run(std::string_view id);

  // All evidence, or only that bound to one manifest.
  Outcome<std::vector<EvidenceRow>> evidence(std::string_view manifest_digest = {});
  Outcome<std::vector<KeyRow>> keys(std::string_view role = {});

  Outcome<std::vector<RolloutRow>> rollouts();
  Outcome<std::optional<RolloutRow>> find_rollout(std::string_view id);

  // The ledger itself, in order of position.
  Outcome<std::vector<LedgerRow>> log(const LogFilter& filter = {});

 private:
  Database& db_;
};

}  // namespace lockstep::store
