#include "host/store/verify.hpp"

#include <map>
#include <set>

#include "host/base/text.hpp"
#include "host/store/artefacts.hpp"
#include "host/store/event.hpp"
#include "host/store/head_file.hpp"
#include "host/store/replay.hpp"
#include "host/store/schema.hpp"
#include "host/store/sqlite_checked_vfs.hpp"
#include "host/store/sqlite_db.hpp"

namespace lockstep::store {
namespace fs = std::filesystem;

namespace {

struct Files {
  fs::path database;
  fs::path head;
  bool is_state = false;  // a whole state directory, to which the head belongs
};

Outcome<Files> find_files(const fs::path& path) {
  const fs::path database = fs::is_directory(path) ? path / "ledger.db" : path;
  if (!fs::is_regular_file(database)) {
    return fail(ErrorKind::not_found, "there is no ledger at " + database.string(), "give the state folder or its ledger.db");
  }
  return Files{.database = database, .head = database.parent_path() / "ledger.head", .is_state = fs::is_directory(path)};
}

constexpr std::string_view ledger_objects =
    "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE tbl_name IN ('meta', 'ledger', 'ledger_head') "
    "OR type IN ('trigger', 'view') ORDER BY name";

Outcome<std::vector<std::string>> texts(Database& db, std::string_view sql) {
  std::vector<std::string> out;
  LOCKSTEP_CHECK(db.query(sql, {}, [&](const Row& row) -> Outcome<void> {
    std::string line = row.str(0);
    for (int column = 1; column < row.size(); ++column) line += " " + row.str(column);
    out.push_back(std::move(line));
    return {};
  }));
  return out;
}

// One audit. Every check adds problems and goes on, so that one damage does not hide another.
class Audit {
 public:
  Audit(const Files& files, const VerifyOptions& options) : files_(files), options_(options) {}

  Outcome<LedgerReport> run() {
    pages();
    auto db = Database::open(files_.database, Database::Mode::read_only);
    if (!db) unreadable("ledger.db", db.error());
    if (db) look(*db);
    // A disk that fails or is full says nothing about the content, unless damage was seen as well.
    if (io_ && report_.ok()) return Fail(*io_);
    if (io_) report_.problems.push_back({"ledger.db", io_->what});
    return std::move(report_);
  }

 private:
  void look(Database& db) {
    // One snapshot for all checks, while a daemon may go on writing. The head file is read before it, because it
    // is written after the database.
    head_file();
    if (const auto begun = db.run("BEGIN"); !begun) return unreadable("ledger.db", begun.error());
    structure(db);
    rows(db);
    head_row(db);
    if (!io_) heads();
  }

  void unreadable(std::string where, const Error& error) {
    if (error.kind == ErrorKind::io) io_ = error;
    else problem(std::move(where), error.what);
  }
  bool full() const { return report_.problems.size() >= options_.max_problems; }
  void problem(std::string where, std::string what) {
    if (!full()) report_.problems.push_back({std::move(where), std::move(what)});
  }
  void problem_at(std::int64_t position, std::string what) { problem("event " + std::to_string(position), std::move(what)); }

  void pages() {
    const auto damaged = damaged_pages(files_.database, options_.max_problems);
    if (!damaged) return problem("ledger.db", damaged.error().what);
    for (const std::uint32_t page : *damaged) problem("page " + std::to_string(page), "its bytes do not fit its checksum");
  }

  // The head that was acknowledged last, if it was kept.
  void head_file() {
    auto kept = read_head_file(files_.head);
    if (!kept) return problem("ledger.head", kept.error().what);
    kept_ = *kept;
    if (!kept_ && !files_.is_state) report_.notes.push_back("ledger.head is not beside the database: events cut off its end would not be noticed");
  }

  void structure(Database& db) {
    const auto owner = db.integer("PRAGMA application_id");
    if (owner && *owner != application_id) problem("ledger.db", "it is no Lockstep ledger");
    const auto sound = texts(db, "PRAGMA integrity_check(20)");
    if (!sound) problem("ledger.db", sound.error().what);
    if (sound && *sound != std::vector<std::string>{"ok"}) {
      for (const std::string& line : *sound) problem("ledger.db", line);
    }
    auto fresh = Database::open({}, Database::Mode::memory);
    const auto version = db.integer("PRAGMA user_version");
    if (!fresh || !version || !migrate_ledger(*fresh)) return;
    if (*version > static_cast<std::int64_t>(ledger_migrations().size())) {
      report_.notes.push_back("a newer Lockstep wrote this ledger: its table definitions are not checked");
      return;
    }
    const auto have = texts(db, ledger_objects);
    const auto want = texts(*fresh, ledger_objects);
    if (!have) return problem("ledger.db", have.error().what);
    if (want && *have != *want) problem("ledger.db", "the definitions of the ledger's tables were changed");
  }

  void rows(Database& db) {
    const auto done = db.query(
        "SELECT position, origin, sequence, time, type, subject, canonical, hash, seal FROM ledger ORDER BY position", {},
        [&](const Row& row) -> Outcome<void> {
          event(row);
          return {};
        });
    if (!done) unreadable("after event " + std::to_string(report_.events), done.error());
    for (const auto& [name, origin] : origins_) report_.origins.push_back(origin);
  }

  void event(const Row& row) {
    const std::int64_t position = row.integer(0);
    const std::int64_t expected = ++report_.events;
    if (position != expected) {
      problem_at(expected, "is missing: the next one has position " + std::to_string(position));
      report_.events = position;
    }
    const std::string_view canonical = row.text(6);
    columns(row, position, canonical);

    OriginReport& origin = origins_[row.str(1)];
    origin.origin = row.str(1);
    ++origin.events;
    if (row.integer(2) != origin.events) {
      problem_at(position, "has sequence " + std::to_string(row.integer(2)) + " of " + printable(origin.origin) + ", expected " + std::to_string(origin.events));
      origin.events = row.integer(2);
    }
    const Hash chain = node_hash(origin.hash, leaf_hash(canonical));
    if (Bytes stored = row.blob(7); !std::equal(stored.begin(), stored.end(), chain.bytes().begin(), chain.bytes().end())) {
      problem_at(position, "does not fit the chain of " + printable(origin.origin) + ": this event or one before it was changed");
    }
    // Going on with what is stored, so that one change is reported once and not by every later event.
    origin.hash = Sha256::from_bytes(row.blob(7)) ? *Sha256::from_bytes(row.blob(7)) : chain;

    const Hash seal = node_hash(report_.head.seal, origin.hash);
    if (Bytes stored = row.blob(8); !std::equal(stored.begin(), stored.end(), seal.bytes().begin(), seal.bytes().end())) {
      problem_at(position, "does not fit the seal: an event was changed, removed or moved");
    }
    report_.head = {.position = position, .seal = Sha256::from_bytes(row.blob(8)) ? *Sha256::from_bytes(row.blob(8)) : seal};
    for (const std::optional<Head>& head : {kept_, options_.expected}) {
      if (head && head->position == position && head->seal == report_.head.seal) confirmed_.insert(to_text(*head));
    }
  }

  // The columns repeat the canonical text; both must say the same.
  void columns(const Row& row, std::int64_t position, std::string_view canonical) {
    const auto header = parse_header(canonical);
    if (!header) return problem_at(position, header.error().what);
    if (header->origin != row.text(1)) problem_at(position, "the column origin differs from the event's text");
    if (header->sequence != row.integer(2)) problem_at(position, "the column sequence differs from the event's text");
    if (header->time != row.text(3)) problem_at(position, "the column time differs from the event's text");
    if (header->type != row.text(4)) problem_at(position, "the column type differs from the event's text");
    if (header->subject != row.text(5)) problem_at(position, "the column subject differs from the event's text");
    if (!parse_time(header->time)) problem_at(position, "the time is none: " + printable(header->time));
  }

  void head_row(Database& db) {
    bool same = false;
    const auto done = db.query("SELECT position, seal FROM ledger_head", {}, [&](const Row& row) -> Outcome<void> {
      const auto seal = Sha256::from_bytes(row.blob(1));
      same = row.integer(0) == report_.head.position && seal && *seal == report_.head.seal;
      return {};
    });
    if (!done) return unreadable("ledger_head", done.error());
    if (!same) problem("ledger_head", "differs from the last event: events were removed from or added at the end");
  }

  void heads() {
    if (!kept_ && files_.is_state && report_.events > 0 && report_.ok()) {
      problem("ledger.head", "is gone: nobody can tell whether the newest events are still in the ledger");
    }
    for (const auto& [head, name] : {std::pair(kept_, "ledger.head"), std::pair(options_.expected, "the expected head")}) {
      if (!head) continue;
      const bool empty = head->position == 0 && head->seal == Hash();
      if (empty || confirmed_.contains(to_text(*head))) {
        report_.end_proved = report_.end_proved || head->position == report_.head.position;
        continue;
      }
      problem(name, "event " + std::to_string(head->position) + " is not in the ledger as it was acknowledged: events were lost or the history was rewritten");
    }
    report_.end_proved = report_.end_proved && report_.ok();
    if (kept_ && kept_->position < report_.head.position) {
      report_.notes.push_back("ledger.head confirms the events up to " + std::to_string(kept_->position) +
                              "; the later ones were appended when a process or the power was cut, or are being appended now");
    }
  }

  const Files& files_;
  const VerifyOptions& options_;
  LedgerReport report_;
  std::optional<Head> kept_;
  std::optional<Error> io_;
  std::map<std::string, OriginReport> origins_;
  std::set<std::string> confirmed_;
};

}  // namespace

Outcome<LedgerReport> verify_ledger(const fs::path& path, const VerifyOptions& options) {
  LOCKSTEP_TRY(files, find_files(path));
  return Audit(files, options).run();
}

Outcome<std::vector<Problem>> verify_artefacts(const fs::path& state) {
  LOCKSTEP_TRY(files, find_files(state));
  LOCKSTEP_TRY(db, Database::open(files.database, Database::Mode::read_only));
  LOCKSTEP_TRY(digests, texts(db, "SELECT digest FROM artefacts ORDER BY digest"));
  const Artefacts artefacts(state / "artefacts");
  std::vector<Problem> problems;
  for (const std::string& digest : digests) {
    if (!artefacts.contains(digest)) problems.push_back({"artefact " + digest, "is missing"});
  }
  LOCKSTEP_TRY(damaged, artefacts.damaged());
  for (const std::string& digest : damaged) problems.push_back({"artefact " + digest, "its bytes no longer have this digest"});
  return problems;
}

Outcome<std::vector<Problem>> verify_projections(const fs::path& path) {
  LOCKSTEP_TRY(files, find_files(path));
  LOCKSTEP_TRY(stored, Database::open(files.database, Database::Mode::read_only));
  LOCKSTEP_CHECK(stored.run("BEGIN"));
  LOCKSTEP_TRY(fresh, Database::open({}, Database::Mode::memory));
  LOCKSTEP_CHECK(replay(stored, fresh));
  LOCKSTEP_TRY(have, dump_projections(stored));
  LOCKSTEP_TRY(want, dump_projections(fresh));
  std::vector<Problem> problems;
  for (const auto& [table, rows] : want) {
    const std::vector<std::string>& there = have[table];
    if (there.size() != rows.size()) {
      problems.push_back({"table " + table, "has " + std::to_string(there.size()) + " rows, the ledger gives " + std::to_string(rows.size())});
      continue;
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (there[row] != rows[row]) problems.push_back({"table " + table, "row " + std::to_string(row + 1) + " differs from what the ledger gives"});
    }
  }
  for (const auto& [table, rows] : have) {
    if (!want.contains(table)) problems.push_back({"table " + table, "is not known here"});
  }
  return problems;
}

}  // namespace lockstep::store
