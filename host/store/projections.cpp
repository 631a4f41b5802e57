#include "host/store/projections.hpp"

#include <set>

#include "host/base/json.hpp"
#include "host/store/event_codec.hpp"
#include "host/store/sqlite_db.hpp"

namespace lockstep::store {
namespace {

template <class T>
Outcome<std::string> list_text(const std::vector<T>& parts) {
  json::array array;
  for (const T& part : parts) {
    LOCKSTEP_TRY(object, to_object(part));
    array.push_back(std::move(object));
  }
  return canonical_text(array);
}

Outcome<std::string> list_text(const std::vector<std::string>& texts) {
  return canonical_text(json::array(texts.begin(), texts.end()));
}

// One event against the tables. One overload per kind of event.
struct Projector {
  Database& db;
  const std::string time;

  // not_found when `sql` (SELECT count(*) ... WHERE id = ?) gives 0.
  Outcome<void> must_exist(std::string_view sql, const std::string& id, std::string_view noun) {
    LOCKSTEP_TRY(count, db.integer(sql, {id}));
    if (count == 0) return fail(ErrorKind::not_found, "there is no " + std::string(noun) + " " + id);
    return {};
  }
  Outcome<void> must_be_new(std::string_view sql, const std::string& id, std::string_view noun) {
    LOCKSTEP_TRY(count, db.integer(sql, {id}));
    if (count != 0) return fail(ErrorKind::conflict, std::string(noun) + " " + id + " exists already");
    return {};
  }
  Outcome<void> known_device(const std::string& name) {
    return must_exist("SELECT count(*) FROM devices WHERE name = ?", name, "device");
  }
  Outcome<void> known_release(const std::string& id) {
    return must_exist("SELECT count(*) FROM releases WHERE id = ?", id, "release");
  }
  Outcome<void> known_artefact(const std::string& digest) {
    return must_exist("SELECT count(*) FROM artefacts WHERE digest = ?", digest, "artefact");
  }
  Outcome<void> known_run(const std::string& id) {
    return must_exist("SELECT count(*) FROM runs WHERE id = ?", id, "run");
  }
  Outcome<void> unfinished_job(const std::string& id) {
    LOCKSTEP_CHECK(must_exist("SELECT count(*) FROM jobs WHERE id = ?", id, "job"));
    LOCKSTEP_TRY(open, db.integer("SELECT count(*) FROM jobs WHERE id = ? AND finished IS NULL", {id}));
    if (open == 0) return fail(ErrorKind::conflict, "job " + id + " has ended");
    return {};
  }
  Outcome<void> changed(Outcome<std::int64_t> rows) {
    if (!rows) return Fail(std::move(rows).error());
    return {};
  }

  Outcome<void> operator()(const DaemonStarted&) { return {}; }
  Outcome<void> operator()(const LedgerHeadAccepted&) { return {}; }

  Outcome<void> operator()(const KeyTrusted& e) {
    return changed(db.run(
        "INSERT INTO keys (key_id, role, name, public_pem, added) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET name = excluded.name",
        {e.key_id, e.role, e.name, e.public_pem, time}));
  }

  Outcome<void> operator()(const DeviceAdded& e) {
    LOCKSTEP_CHECK(must_be_new("SELECT count(*) FROM devices WHERE name = ?", e.device, "device"));
    return changed(db.run(
        "INSERT INTO devices (name, link, serial, board, revision, product, added) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {e.device, e.link, e.serial, e.board, e.revision, e.product, time}));
  }

  Outcome<void> operator()(const DeviceUpdated& e) {
    LOCKSTEP_CHECK(known_device(e.device));
    LOCKSTEP_TRY(components, list_text(e.components));
    LOCKSTEP_TRY(facts, canonical_text(e.facts));
    return changed(db.run(
        "UPDATE devices SET components = ?, health = ?, health_detail = ?, facts = ?, reported = ? WHERE name = ?",
        {components, e.health, e.detail, facts, time, e.device}));
  }

  Outcome<void> operator()(const DeviceMoved& e) {
    LOCKSTEP_CHECK(known_device(e.device));
    return changed(db.run("UPDATE devices SET link = ? WHERE name = ?", {e.link, e.device}));
  }

  Outcome<void> operator()(const DeviceSoftware& e) {
    LOCKSTEP_CHECK(known_device(e.device));
    LOCKSTEP_TRY(software, canonical_text(e.software));
    return changed(db.run("UPDATE devices SET software = ? WHERE name = ?", {software, e.device}));
  }

  Outcome<void> operator()(const ArtefactAdded& e) {
    return changed(db.run(
        "INSERT INTO artefacts (digest, size, role, name, added) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        {e.digest, e.size, e.role, e.name, time}));
  }

  Outcome<void> operator()(const ReleaseAdded& e) {
    LOCKSTEP_CHECK(must_be_new("SELECT count(*) FROM releases WHERE id = ?", e.release, "release"));
    LOCKSTEP_CHECK(known_artefact(e.envelope_digest));
    LOCKSTEP_TRY(key_ids, list_text(e.key_ids));
    LOCKSTEP_TRY(images, list_text(e.images));
    return changed(db.run(
        "INSERT INTO releases (id, product, version, title, manifest_digest, envelope_digest, key_ids, images, added) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {e.release, e.product, e.version, e.title, e.manifest_digest, e.envelope_digest, key_ids, images, time}));
  }

  Outcome<void> operator()(const JobCreated& e) {
    LOCKSTEP_CHECK(must_be_new("SELECT count(*) FROM jobs WHERE id = ?", e.job, "job"));
    LOCKSTEP_CHECK(known_device(e.device));
    LOCKSTEP_CHECK(known_release(e.release));
    LOCKSTEP_TRY(other, db.text("SELECT id FROM jobs WHERE device = ? AND finished IS NULL", {e.device}));
    if (!other.empty()) return fail(ErrorKind::conflict, "device " + e.device + " is busy with " + other);
    const Value rollout = e.rollout.empty() ? Value(nullptr) : Value(e.rollout);
    LOCKSTEP_TRY(facts, canonical_text(e.facts));
    return changed(db.run(
        "INSERT INTO jobs (id, device, release, rollout, facts, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?)",
        {e.job, e.device, e.release, rollout, facts, time, time}));
  }

  Outcome<void> merge_job_facts(const std::string& job, const Facts& facts) {
    LOCKSTEP_TRY(old, db.text("SELECT facts FROM jobs WHERE id = ?", {job}));
    LOCKSTEP_TRY(merged, parse_json_object(old));
    for (const auto& [name, value] : facts) merged[name] = value;
    LOCKSTEP_TRY(text, canonical_text(merged));
    return changed(db.run("UPDATE jobs SET facts = ? WHERE id = ?", {text, job}));
  }

  Outcome<void> operator()(const JobState& e) {
    LOCKSTEP_CHECK(unfinished_job(e.job));
    if (!e.facts.empty()) LOCKSTEP_CHECK(merge_job_facts(e.job, e.facts));
    return changed(db.run("UPDATE jobs SET state = ?, updated = ? WHERE id = ?", {e.state, time, e.job}));
  }

  Outcome<void> operator()(const JobFinished& e) {
    static const std::set<std::string_view> outcomes = {"succeeded", "reverted", "failed", "unreachable", "cancelled"};
    if (!outcomes.contains(e.outcome)) return fail(ErrorKind::invalid, "a job cannot end as \"" + e.outcome + "\"");
    LOCKSTEP_CHECK(unfinished_job(e.job));
    if (!e.facts.empty()) LOCKSTEP_CHECK(merge_job_facts(e.job, e.facts));
    return changed(db.run(
        "UPDATE jobs SET state = ?, outcome = ?, reason = ?, updated = ?, finished = ? WHERE id = ?",
        {e.outcome, e.outcome, e.reason, time, time, e.job}));
  }

  Outcome<void> operator()(const HilRunStarted& e) {
    LOCKSTEP_CHECK(must_be_new("SELECT count(*) FROM runs WHERE id = ?", e.run, "run"));
    return changed(db.run(
        "INSERT INTO runs (id, suite, suite_digest, rig, rig_digest, release, manifest_digest, started) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        {e.run, e.suite, e.suite_digest, e.rig, e.rig_digest, e.release, e.manifest_digest, time}));
  }

  Outcome<void> operator()(const HilAttempt& e) {
    LOCKSTEP_CHECK(known_run(e.run));
    LOCKSTEP_TRY(artefacts, list_text(e.artefacts));
    LOCKSTEP_TRY(measurements, canonical_text(e.measurements));
    return changed(db.run(
        "INSERT INTO attempts (run, test, attempt, verdict, reason, duration_ms, artefacts, measurements, time) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {e.run, e.test, e.attempt, e.verdict, e.reason, e.duration_ms, artefacts, measurements, time}));
  }

  Outcome<void> operator()(const HilRunFinished& e) {
    LOCKSTEP_CHECK(known_run(e.run));
    LOCKSTEP_TRY(rows, db.run(
        "UPDATE runs SET verdict = ?, reason = ?, evidence_digest = ?, report_digest = ?, finished = ? "
        "WHERE id = ? AND finished IS NULL",
        {e.verdict, e.reason, e.evidence_digest, e.report_digest, time, e.run}));
    if (rows == 0) return fail(ErrorKind::conflict, "run " + e.run + " has ended");
    return {};
  }

  Outcome<void> operator()(const EvidenceAdded& e) {
    LOCKSTEP_CHECK(known_artefact(e.digest));
    return changed(db.run(
        "INSERT INTO evidence (digest, run, suite, verdict, manifest_digest, added) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        {e.digest, e.run, e.suite, e.verdict, e.manifest_digest, time}));
  }

  Outcome<void> operator()(const RolloutCreated& e);
  Outcome<void> operator()(const RolloutStageStarted& e);
  Outcome<void> operator()(const RolloutDeviceResult& e);
  Outcome<void> operator()(const RolloutHalted& e);
  Outcome<void> operator()(const RolloutPaused& e);
  Outcome<void> operator()(const RolloutResumed& e);
  Outcome<void> operator()(const RolloutCompleted& e);

  // The rollout's state is one of `from` (a list for SQL's IN) or this is a conflict.
  Outcome<void> rollout_in(const std::string& id, std::initializer_list<std::string_view> from) {
    LOCKSTEP_CHECK(must_exist("SELECT count(*) FROM rollouts WHERE id = ?", id, "rollout"));
    LOCKSTEP_TRY(state, db.text("SELECT state FROM rollouts WHERE id = ?", {id}));
    for (const std::string_view allowed : from) {
      if (state == allowed) return {};
    }
    return fail(ErrorKind::conflict, "rollout " + id + " is " + state);
  }
};

Outcome<void> Projector::operator()(const RolloutCreated& e) {
  LOCKSTEP_CHECK(must_be_new("SELECT count(*) FROM rollouts WHERE id = ?", e.rollout, "rollout"));
  LOCKSTEP_CHECK(known_release(e.release));
  LOCKSTEP_TRY(stages, list_text(e.stages));
  LOCKSTEP_TRY(evidence, list_text(e.evidence));
  LOCKSTEP_CHECK(changed(db.run(
      "INSERT INTO rollouts (id, release, manifest_digest, stages, evidence, created, updated) VALUES (?, ?, ?, ?, ?, ?, ?)",
      {e.rollout, e.release, e.manifest_digest, stages, evidence, time, time})));
  std::int64_t place = 0;
  for (std::size_t stage = 0; stage < e.stages.size(); ++stage) {
    for (const std::string& device : e.stages[stage].devices) {
      LOCKSTEP_CHECK(known_device(device));
      LOCKSTEP_CHECK(changed(db.run("INSERT INTO rollout_devices (rollout, place, device, stage) VALUES (?, ?, ?, ?)",
                                    {e.rollout, ++place, device, static_cast<std::int64_t>(stage)})));
    }
  }
  return {};
}

Outcome<void> Projector::operator()(const RolloutStageStarted& e) {
  LOCKSTEP_CHECK(rollout_in(e.rollout, {"running"}));
  return changed(db.run("UPDATE rollouts SET stage = ?, updated = ? WHERE id = ?", {e.stage, time, e.rollout}));
}

Outcome<void> Projector::operator()(const RolloutDeviceResult& e) {
  LOCKSTEP_TRY(rows, db.run("UPDATE rollout_devices SET outcome = ?, reason = ? WHERE rollout = ? AND device = ?",
                            {e.outcome, e.reason, e.rollout, e.device}));
  if (rows == 0) return fail(ErrorKind::not_found, "device " + e.device + " is not in rollout " + e.rollout);
  return changed(db.run("UPDATE rollouts SET updated = ? WHERE id = ?", {time, e.rollout}));
}

Outcome<void> Projector::operator()(const RolloutHalted& e) {
  LOCKSTEP_CHECK(rollout_in(e.rollout, {"running", "paused"}));
  return changed(db.run("UPDATE rollouts SET state = 'halted', reason = ?, updated = ? WHERE id = ?", {e.reason, time, e.rollout}));
}

Outcome<void> Projector::operator()(const RolloutPaused& e) {
  LOCKSTEP_CHECK(rollout_in(e.rollout, {"running"}));
  return changed(db.run("UPDATE rollouts SET state = 'paused', reason = ?, updated = ? WHERE id = ?", {e.reason, time, e.rollout}));
}

Outcome<void> Projector::operator()(const RolloutResumed& e) {
  LOCKSTEP_CHECK(rollout_in(e.rollout, {"paused", "halted"}));
  for (const std::string& device : e.accepted) {
    LOCKSTEP_CHECK(changed(db.run("UPDATE rollout_devices SET accepted = 1 WHERE rollout = ? AND device = ?", {e.rollout, device})));
  }
  return changed(db.run("UPDATE rollouts SET state = 'running', reason = '', updated = ? WHERE id = ?", {time, e.rollout}));
}

Outcome<void> Projector::operator()(const RolloutCompleted& e) {
  LOCKSTEP_CHECK(rollout_in(e.rollout, {"running"}));
  return changed(db.run("UPDATE rollouts SET state = 'completed', updated = ? WHERE id = ?", {time, e.rollout}));
}

}  // namespace

Outcome<void> project(Database& database, const Event& event) {
  Projector projector{database, format_time(event.time)};
  return std::visit(projector, event.body);
}

}  // namespace lockstep::store
