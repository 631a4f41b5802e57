#include "host/store/queries.hpp"

#include "host/base/json.hpp"
#include "host/store/event_codec.hpp"
#include "host/store/sqlite_db.hpp"

namespace lockstep::store {
namespace {

template <class T>
Outcome<std::vector<T>> list_from(std::string_view text, int schema = 1) {
  LOCKSTEP_TRY(value, parse_json(text));
  std::vector<T> out;
  for (const json::value& item : value.as_array()) {
    LOCKSTEP_TRY(part, from_object<T>(item.as_object(), schema));
    out.push_back(std::move(part));
  }
  return out;
}

template <>
Outcome<std::vector<std::string>> list_from(std::string_view text, int) {
  LOCKSTEP_TRY(value, parse_json(text));
  std::vector<std::string> out;
  for (const json::value& item : value.as_array()) out.emplace_back(item.as_string());
  return out;
}

// All rows of a statement, each made by `make`.
template <class T>
Outcome<std::vector<T>> all(Database& db, std::string_view sql, Values values, Outcome<T> (*make)(const Row&)) {
  std::vector<T> out;
  LOCKSTEP_CHECK(db.query(sql, values, [&](const Row& row) -> Outcome<void> {
    LOCKSTEP_TRY(item, make(row));
    out.push_back(std::move(item));
    return {};
  }));
  return out;
}

template <class T>
Outcome<std::optional<T>> first(Outcome<std::vector<T>> rows) {
  if (!rows) return Fail(std::move(rows).error());
  if (rows->empty()) return std::optional<T>();
  return std::optional<T>(std::move(rows->front()));
}

#define DEVICE_COLUMNS                                                                                    \
  "SELECT name, link, serial, board, revision, product, components, health, health_detail, facts, added, " \
  "reported, coalesce((SELECT id FROM jobs WHERE jobs.device = devices.name AND finished IS NULL), ''), software " \
  "FROM devices "
Outcome<DeviceRow> device(const Row& r) {
  LOCKSTEP_TRY(components, list_from<ComponentReport>(r.text(6), DeviceUpdated::kind.schema));
  LOCKSTEP_TRY(facts, parse_json_object(r.text(9)));
  LOCKSTEP_TRY(software, parse_json_object(r.text(13)));
  return DeviceRow{.name = r.str(0), .link = r.str(1), .serial = r.str(2), .board = r.str(3), .revision = r.str(4),
                   .product = r.str(5), .components = std::move(components), .health = r.str(7),
                   .health_detail = r.str(8), .facts = std::move(facts), .software = std::move(software), .added = r.str(10), .reported = r.str(11),
                   .active_job = r.str(12)};
}

#define ARTEFACT_COLUMNS "SELECT digest, role, name, added, size FROM artefacts "
Outcome<ArtefactRow> artefact(const Row& r) {
  return ArtefactRow{.digest = r.str(0), .role = r.str(1), .name = r.str(2), .added = r.str(3), .size = r.integer(4)};
}

#define RELEASE_COLUMNS \
  "SELECT id, product, version, title, manifest_digest, envelope_digest, added, key_ids, images FROM releases "
Outcome<ReleaseRow> release(const Row& r) {
  LOCKSTEP_TRY(key_ids, list_from<std::string>(r.text(7)));
  LOCKSTEP_TRY(images, list_from<ReleaseImage>(r.text(8)));
  return ReleaseRow{.id = r.str(0), .product = r.str(1), .version = r.str(2), .title = r.str(3),
                    .manifest_digest = r.str(4), .envelope_digest = r.str(5), .added = r.str(6),
                    .key_ids = std::move(key_ids), .images = std::move(images)};
}

#define JOB_COLUMNS                                                                                        \
  "SELECT id, device, release, coalesce(rollout, ''), state, facts, outcome, reason, created, updated, " \
  "coalesce(finished, '') FROM jobs "
Outcome<JobRow> job(const Row& r) {
  LOCKSTEP_TRY(facts, parse_json_object(r.text(5)));
  return JobRow{.id = r.str(0), .device = r.str(1), .release = r.str(2), .rollout = r.str(3), .state = r.str(4),
                .facts = std::move(facts), .outcome = r.str(6), .reason = r.str(7), .created = r.str(8),
                .updated = r.str(9), .finished = r.str(10)};
}

#define RUN_COLUMNS                                                                                            \
  "SELECT id, suite, suite_digest, rig, rig_digest, release, manifest_digest, verdict, reason, evidence_digest, " \
  "report_digest, started, coalesce(finished, '') FROM runs "
Outcome<RunRow> run(const Row& r) {
  return RunRow{.id = r.str(0), .suite = r.str(1), .suite_digest = r.str(2), .rig = r.str(3), .rig_digest = r.str(4),
                .release = r.str(5), .manifest_digest = r.str(6), .verdict = r.str(7), .reason = r.str(8),
                .evidence_digest = r.str(9), .report_digest = r.str(10), .started = r.str(11), .finished = r.str(12),
                .attempts = {}};
}

Outcome<AttemptRow> attempt(const Row& r) {
  LOCKSTEP_TRY(artefacts, list_from<std::string>(r.text(6)));
  LOCKSTEP_TRY(measurements, parse_json_object(r.text(7)));
  return AttemptRow{.test = r.str(0), .verdict = r.str(1), .reason = r.str(2), .time = r.str(3), .attempt = r.integer(4),
                    .duration_ms = r.integer(5), .artefacts = std::move(artefacts), .measurements = std::move(measurements)};
}

Outcome<EvidenceRow> evidence_row(const Row& r) {
  return EvidenceRow{.digest = r.str(0), .run = r.str(1), .suite = r.str(2), .verdict = r.str(3),
                     .manifest_digest = r.str(4), .added = r.str(5)};
}

Outcome<KeyRow> key(const Row& r) {
  return KeyRow{.key_id = r.str(0), .name = r.str(1), .role = r.str(2), .public_pem = r.str(3), .added = r.str(4)};
}

#define ROLLOUT_COLUMNS \
  "SELECT id, release, manifest_digest, state, reason, stage, stages, evidence, created, updated FROM rollouts "
Outcome<RolloutRow> rollout(const Row& r) {
  LOCKSTEP_TRY(stages, list_from<StagePlan>(r.text(6)));
  LOCKSTEP_TRY(evidence, list_from<std::string>(r.text(7)));
  return RolloutRow{.id = r.str(0), .release = r.str(1), .manifest_digest = r.str(2), .state = r.str(3),
                    .reason = r.str(4), .stage = r.integer(5), .stages = std::move(stages),
                    .evidence = std::move(evidence), .devices = {}, .created = r.str(8), .updated = r.str(9)};
}

Outcome<RolloutDevice> rollout_device(const Row& r) {
  return RolloutDevice{.device = r.str(0), .stage = r.integer(1), .job = r.str(2), .outcome = r.str(3),
                       .reason = r.str(4), .accepted = r.integer(5) != 0};
}

Outcome<LedgerRow> ledger_row(const Row& r) {
  return LedgerRow{.position = r.integer(0),
                   .header = {.origin = r.str(1), .sequence = r.integer(2), .time = r.str(3), .type = r.str(4), .subject = r.str(5)},
                   .canonical = r.str(6)};
}

}  // namespace

Outcome<std::vector<DeviceRow>> Queries::devices() { return all(db_, DEVICE_COLUMNS "ORDER BY name", {}, device); }
Outcome<std::optional<DeviceRow>> Queries::find_device(std::string_view name) {
  return first(all(db_, DEVICE_COLUMNS "WHERE name = ?", {name}, device));
}
Outcome<std::optional<DeviceRow>> Queries::find_device_by_serial(std::string_view serial) {
  return first(all(db_, DEVICE_COLUMNS "WHERE serial = ? ORDER BY rowid DESC", {serial}, device));
}

Outcome<std::vector<ArtefactRow>> Queries::artefacts() {
  return all(db_, ARTEFACT_COLUMNS "ORDER BY name, digest", {}, artefact);
}
Outcome<std::optional<ArtefactRow>> Queries::find_artefact(std::string_view digest) {
  return first(all(db_, ARTEFACT_COLUMNS "WHERE digest = ?", {digest}, artefact));
}

Outcome<std::vector<ReleaseRow>> Queries::releases() { return all(db_, RELEASE_COLUMNS "ORDER BY id", {}, release); }
Outcome<std::optional<ReleaseRow>> Queries::find_release(std::string_view id) {
  return first(all(db_, RELEASE_COLUMNS "WHERE id = ?", {id}, release));
}

Outcome<std::vector<JobRow>> Queries::jobs() { return all(db_, JOB_COLUMNS "ORDER BY rowid DESC", {}, job); }
Outcome<std::vector<JobRow>> Queries::unfinished_jobs() {
  return all(db_, JOB_COLUMNS "WHERE finished IS NULL ORDER BY rowid", {}, job);
}
Outcome<std::optional<JobRow>> Queries::find_job(std::string_view id) {
  return first(all(db_, JOB_COLUMNS "WHERE id = ?", {id}, job));
}

Outcome<std::vector<RunRow>> Queries::runs() { return all(db_, RUN_COLUMNS "ORDER BY rowid DESC", {}, run); }
Outcome<std::optional<RunRow>> Queries::find_run(std::string_view id) {
  LOCKSTEP_TRY(found, first(all(db_, RUN_COLUMNS "WHERE id = ?", {id}, run)));
  if (!found) return found;
  LOCKSTEP_TRY(attempts, all(db_,
                             "SELECT test, verdict, reason, time, attempt, duration_ms, artefacts, measurements "
                             "FROM attempts WHERE run = ? ORDER BY rowid",
                             {id}, attempt));
  found->attempts = std::move(attempts);
  return found;
}

Outcome<std::vector<EvidenceRow>> Queries::evidence(std::string_view manifest_digest) {
  return all(db_,
             "SELECT digest, run, suite, verdict, manifest_digest, added FROM evidence "
             "WHERE ?1 = '' OR manifest_digest = ?1 ORDER BY rowid",
             {manifest_digest}, evidence_row);
}

Outcome<std::vector<KeyRow>> Queries::keys(std::string_view role) {
  return all(db_, "SELECT key_id, name, role, public_pem, added FROM keys WHERE ?1 = '' OR role = ?1 ORDER BY rowid",
             {role}, key);
}

Outcome<std::vector<RolloutRow>> Queries::rollouts() {
  LOCKSTEP_TRY(rows, all(db_, ROLLOUT_COLUMNS "ORDER BY rowid DESC", {}, rollout));
  for (RolloutRow& row : rows) {
    LOCKSTEP_TRY(full, find_rollout(row.id));
    row = *std::move(full);
  }
  return rows;
}

Outcome<std::optional<RolloutRow>> Queries::find_rollout(std::string_view id) {
  LOCKSTEP_TRY(found, first(all(db_, ROLLOUT_COLUMNS "WHERE id = ?", {id}, rollout)));
  if (!found) return found;
  LOCKSTEP_TRY(devices, all(db_,
                            "SELECT device, stage, coalesce((SELECT id FROM jobs WHERE jobs.rollout = r.rollout AND "
                            "jobs.device = r.device ORDER BY jobs.rowid DESC LIMIT 1), ''), outcome, reason, accepted "
                            "FROM rollout_devices AS r WHERE rollout = ? ORDER BY place",
                            {id}, rollout_device));
  found->devices = std::move(devices);
  return found;
}

Outcome<std::vector<LedgerRow>> Queries::log(const LogFilter& filter) {
  return all(db_,
             "SELECT position, origin, sequence, time, type, subject, canonical FROM ledger WHERE position > ?1 "
             "AND (?2 = '' OR subject = ?2) AND substr(type, 1, length(?3)) = ?3 ORDER BY position LIMIT ?4",
             {filter.after, filter.subject, filter.type_prefix, filter.limit}, ledger_row);
}

}  // namespace lockstep::store
