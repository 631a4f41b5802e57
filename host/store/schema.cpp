#include "host/store/schema.hpp"

#include "host/store/sqlite_db.hpp"

namespace lockstep::store {

// The columns of `ledger` beside `canonical` repeat what the text says, for queries; an audit compares them.
const std::vector<std::string>& ledger_migrations() {
  static const std::vector<std::string> migrations = {R"sql(
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
  position  INTEGER PRIMARY KEY,
  origin    TEXT NOT NULL,
  sequence  INTEGER NOT NULL,
  time      TEXT NOT NULL,
  type      TEXT NOT NULL,
  subject   TEXT NOT NULL,
  canonical TEXT NOT NULL,
  hash      BLOB NOT NULL,
  seal      BLOB NOT NULL,
  UNIQUE (origin, sequence)
) STRICT;

CREATE TABLE ledger_head (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  position INTEGER NOT NULL,
  seal     BLOB NOT NULL
) STRICT;
)sql"};
  return migrations;
}

const std::string& projection_sql() {
  static const std::string sql = R"sql(
CREATE TABLE devices (
  name TEXT PRIMARY KEY, link TEXT NOT NULL, serial TEXT NOT NULL, board TEXT NOT NULL, revision TEXT NOT NULL,
  product TEXT NOT NULL, components TEXT NOT NULL DEFAULT '[]', health TEXT NOT NULL DEFAULT 'unknown',
  health_detail TEXT NOT NULL DEFAULT '', facts TEXT NOT NULL DEFAULT '{}', software TEXT NOT NULL DEFAULT '{}',
  added TEXT NOT NULL,
  reported TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE artefacts (
  digest TEXT PRIMARY KEY, size INTEGER NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, added TEXT NOT NULL
) STRICT;

CREATE TABLE keys (
  key_id TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, public_pem TEXT NOT NULL, added TEXT NOT NULL,
  PRIMARY KEY (key_id, role)
) STRICT;

CREATE TABLE releases (
  id TEXT PRIMARY KEY, product TEXT NOT NULL, version TEXT NOT NULL, title TEXT NOT NULL,
  manifest_digest TEXT NOT NULL, envelope_digest TEXT NOT NULL REFERENCES artefacts (digest),
  key_ids TEXT NOT NULL, images TEXT NOT NULL, added TEXT NOT NULL
) STRICT;

CREATE TABLE jobs (
  id TEXT PRIMARY KEY, device TEXT NOT NULL REFERENCES devices (name),
  release TEXT NOT NULL REFERENCES releases (id), rollout TEXT REFERENCES rollouts (id),
  state TEXT NOT NULL DEFAULT 'queued', facts TEXT NOT NULL, outcome TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '', created TEXT NOT NULL, updated TEXT NOT NULL, finished TEXT
) STRICT;
CREATE UNIQUE INDEX one_unfinished_job_per_device ON jobs (device) WHERE finished IS NULL;
CREATE INDEX jobs_of_rollout ON jobs (rollout, device);

CREATE TABLE runs (
  id TEXT PRIMARY KEY, suite TEXT NOT NULL, suite_digest TEXT NOT NULL, rig TEXT NOT NULL,
  rig_digest TEXT NOT NULL, release TEXT NOT NULL, manifest_digest TEXT NOT NULL,
  verdict TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', evidence_digest TEXT NOT NULL DEFAULT '',
  report_digest TEXT NOT NULL DEFAULT '', started TEXT NOT NULL, finished TEXT
) STRICT;

CREATE TABLE attempts (
  run TEXT NOT NULL REFERENCES runs (id), test TEXT NOT NULL, attempt INTEGER NOT NULL, verdict TEXT NOT NULL,
  reason TEXT NOT NULL, duration_ms INTEGER NOT NULL, artefacts TEXT NOT NULL, measurements TEXT NOT NULL,
  time TEXT NOT NULL,
  PRIMARY KEY (run, test, attempt)
) STRICT;

CREATE TABLE evidence (
  digest TEXT PRIMARY KEY REFERENCES artefacts (digest), run TEXT NOT NULL, suite TEXT NOT NULL,
  verdict TEXT NOT NULL, manifest_digest TEXT NOT NULL, added TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_of_manifest ON evidence (manifest_digest);

CREATE TABLE rollouts (
  id TEXT PRIMARY KEY, release TEXT NOT NULL REFERENCES releases (id), manifest_digest TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'running', reason TEXT NOT NULL DEFAULT '', stage INTEGER NOT NULL DEFAULT -1,
  stages TEXT NOT NULL, evidence TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL
) STRICT;

CREATE TABLE rollout_devices (
  rollout TEXT NOT NULL REFERENCES rollouts (id), place INTEGER NOT NULL,
  device TEXT NOT NULL REFERENCES devices (name), stage INTEGER NOT NULL, outcome TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '', accepted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (rollout, device)
) STRICT;
)sql";
  return sql;
}

Outcome<void> migrate_ledger(Database& database) {
  LOCKSTEP_TRY(version, database.integer("PRAGMA user_version"));
  LOCKSTEP_TRY(owner, database.integer("PRAGMA application_id"));
  LOCKSTEP_TRY(tables, database.integer("SELECT count(*) FROM sqlite_schema"));
  if (owner != application_id && (owner != 0 || version != 0 || tables != 0)) {
    return fail(ErrorKind::invalid, "the file is a database of another program", "give another --state folder");
  }
  const auto known = static_cast<std::int64_t>(ledger_migrations().size());
  if (version > known) {
    return fail(ErrorKind::conflict,
                "the ledger has schema " + std::to_string(version) + ", this Lockstep knows " + std::to_string(known),
                "use the newer Lockstep that wrote it");
  }
  for (std::int64_t step = version; step < known; ++step) {
    LOCKSTEP_TRY(transaction, Transaction::begin(database));
    LOCKSTEP_CHECK(database.execute(ledger_migrations()[static_cast<std::size_t>(step)]));
    LOCKSTEP_CHECK(database.execute("PRAGMA user_version=" + std::to_string(step + 1) + ";" +
                                    "PRAGMA application_id=" + std::to_string(application_id)));
    LOCKSTEP_CHECK(transaction.commit());
  }
  return {};
}

Outcome<std::vector<std::string>> projection_tables(Database& database) {
  std::vector<std::string> names;
  LOCKSTEP_CHECK(database.query(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "
      "AND name NOT IN ('meta', 'ledger', 'ledger_head') ORDER BY name",
      {}, [&](const Row& row) -> Outcome<void> {
        names.push_back(row.str(0));
        return {};
      }));
  return names;
}

Outcome<void> renew_projections(Database& database) {
  LOCKSTEP_TRY(old, projection_tables(database));
  for (const std::string& table : old) LOCKSTEP_CHECK(database.execute("DROP TABLE \"" + table + "\""));
  return database.execute(projection_sql());
}

}  // namespace lockstep::store
