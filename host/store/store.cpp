#include "host/store/store.hpp"

#include <unistd.h>

#include "host/base/files.hpp"
#include "host/base/ids.hpp"
#include "host/base/log.hpp"
#include "host/store/head_file.hpp"
#include "host/store/projections.hpp"
#include "host/store/replay.hpp"
#include "host/store/schema.hpp"
#include "host/store/sqlite_db.hpp"
#include "host/store/state_lock.hpp"

namespace lockstep::store {
namespace {

// The ends of the store's own chain and of the seal.
struct Tip {
  std::int64_t sequence = 0;
  Hash chain;
  Head head;
};

Outcome<Hash> hash_of(const Row& row, int column) {
  auto hash = Sha256::from_bytes(row.blob(column));
  if (!hash) return fail(ErrorKind::invalid, "a hash in the ledger has not 32 bytes", "see `lockstep audit verify`");
  return hash;
}

Outcome<std::string> read_origin(Database& db, const std::string& wanted) {
  LOCKSTEP_TRY(origin, db.text("SELECT value FROM meta WHERE name = 'origin'"));
  if (!origin.empty()) return origin;
  // The last letters of an id are its random ones.
  const std::string id = new_id("host");
  origin = wanted.empty() ? "host-" + id.substr(id.size() - 10) : wanted;
  LOCKSTEP_CHECK(db.run("INSERT INTO meta (name, value) VALUES ('origin', ?)", {origin}));
  LOCKSTEP_CHECK(db.run("INSERT INTO ledger_head (one, position, seal) VALUES (1, 0, ?)", {Hash().bytes()}));
  return origin;
}

Outcome<Tip> read_tip(Database& db, const std::string& origin) {
  Tip tip;
  LOCKSTEP_CHECK(db.query("SELECT sequence, hash FROM ledger WHERE origin = ? ORDER BY sequence DESC LIMIT 1", {origin},
                          [&](const Row& row) -> Outcome<void> {
                            LOCKSTEP_TRY(hash, hash_of(row, 1));
                            tip.sequence = row.integer(0), tip.chain = hash;
                            return {};
                          }));
  LOCKSTEP_CHECK(db.query("SELECT position, seal FROM ledger ORDER BY position DESC LIMIT 1", {},
                          [&](const Row& row) -> Outcome<void> {
                            LOCKSTEP_TRY(seal, hash_of(row, 1));
                            tip.head = {.position = row.integer(0), .seal = seal};
                            return {};
                          }));
  return tip;
}

constexpr std::string_view head_help =
    "see `lockstep audit verify`; restore a backup, or go on without what may be lost: lockstep audit accept-head --reason TEXT";

// The database must contain what was acknowledged last. The head is written before the first event, so a ledger that has
// events and no head was tampered with, or a file was lost: somebody could have cut its end.
Outcome<void> check_head(Database& db, const std::optional<Head>& head, const Head& end) {
  if (!head) {
    if (end.position == 0) return {};
    return fail(ErrorKind::invalid, "ledger.head is gone: nobody can tell whether the newest events are still in the ledger", std::string(head_help));
  }
  const Head& kept = *head;
  if (kept.position == 0) return {};
  bool found = false;
  LOCKSTEP_CHECK(db.query("SELECT seal FROM ledger WHERE position = ?", {kept.position}, [&](const Row& row) -> Outcome<void> {
    LOCKSTEP_TRY(seal, hash_of(row, 0));
    found = seal == kept.seal;
    return {};
  }));
  if (found) return {};
  return fail(ErrorKind::invalid,
              "the ledger does not contain event " + std::to_string(kept.position) + " as ledger.head has it: events are lost or changed",
              std::string(head_help));
}

Outcome<void> renew(Database& db) {
  // Tables are dropped in any order; what comes out must be consistent again.
  LOCKSTEP_CHECK(db.execute("PRAGMA foreign_keys=OFF"));
  const auto work = [&]() -> Outcome<void> {
    LOCKSTEP_TRY(transaction, Transaction::begin(db));
    LOCKSTEP_CHECK(replay(db, db));
    LOCKSTEP_CHECK(db.query("PRAGMA foreign_key_check", {}, [](const Row& row) -> Outcome<void> {
      return fail(ErrorKind::internal, "after a replay, table " + row.str(0) + " refers to a missing row in " + row.str(2));
    }));
    LOCKSTEP_CHECK(db.run("INSERT OR REPLACE INTO meta (name, value) VALUES ('projections', ?)",
                          {std::to_string(projection_version)}));
    return transaction.commit();
  };
  const auto done = work();
  LOCKSTEP_CHECK(db.execute("PRAGMA foreign_keys=ON"));
  return done;
}

}  // namespace

struct Store::State {
  StateLock lock;
  Database db;
  HeadFile head_file;
  StoreOptions options;
  std::string origin;
  Tip tip;
  Queries queries;
  Artefacts artefacts;
  std::function<void(const StoredEvent&)> observer;

  State(StateLock l, Database d, HeadFile h, StoreOptions o, std::string name, Tip t, const std::filesystem::path& state)
      : lock(std::move(l)), db(std::move(d)), head_file(std::move(h)), options(std::move(o)), origin(std::move(name)),
        tip(t), queries(db), artefacts(state / "artefacts") {}

  // Adds one event behind `end`, without touching the store's own tip: the transaction may still fail.
  Outcome<StoredEvent> add(EventBody body, std::string_view actor, Tip& end) {
    StoredEvent stored;
    stored.event = {.origin = origin, .sequence = end.sequence + 1, .time = options.clock(), .actor = std::string(actor),
                    .body = std::move(body)};
    LOCKSTEP_TRY(canonical, canonical_json(stored.event));
    stored.canonical = std::move(canonical);
    stored.hash = node_hash(end.chain, leaf_hash(stored.canonical));
    stored.position = end.head.position + 1;
    end = {.sequence = stored.event.sequence, .chain = stored.hash,
           .head = {.position = stored.position, .seal = node_hash(end.head.seal, stored.hash)}};
    const Kind kind = kind_of(stored.event.body);
    LOCKSTEP_CHECK(db.run(
        "INSERT INTO ledger (position, origin, sequence, time, type, subject, canonical, hash, seal) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {stored.position, origin, stored.event.sequence, format_time(stored.event.time), kind.type,
         subject_of(stored.event.body), stored.canonical, stored.hash.bytes(), end.head.seal.bytes()}));
    LOCKSTEP_CHECK(project(db, stored.event));
    return stored;
  }
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}
Store::~Store() = default;

Outcome<std::unique_ptr<Store>> Store::open(const std::filesystem::path& state, StoreOptions options) {
  LOCKSTEP_CHECK(make_folders(state, 0700));
  LOCKSTEP_TRY(lock, StateLock::take(state));
  auto kept = read_head_file(state / "ledger.head");
  if (!kept && !options.accept_head) return Fail(Error{kept.error().kind, kept.error().what, std::string(head_help)});
  LOCKSTEP_TRY(db, Database::open(state / "ledger.db", Database::Mode::create));
  LOCKSTEP_CHECK(migrate_ledger(db));
  LOCKSTEP_TRY(origin, read_origin(db, options.origin));
  LOCKSTEP_TRY(tip, read_tip(db, origin));
  if (!options.accept_head) LOCKSTEP_CHECK(check_head(db, *kept, tip.head));
  LOCKSTEP_TRY(version, db.text("SELECT value FROM meta WHERE name = 'projections'"));
  if (version != std::to_string(projection_version)) LOCKSTEP_CHECK(renew(db));
  if (options.accept_head) {  // the new record may be shorter than what is there
    std::error_code ignored;
    std::filesystem::remove(state / "ledger.head", ignored);
  }
  LOCKSTEP_TRY(head_file, HeadFile::open(state / "ledger.head", tip.head));
  // A process killed between commit and head leaves the head one transaction behind.
  LOCKSTEP_CHECK(head_file.write(tip.head));
  return std::unique_ptr<Store>(new Store(std::make_unique<State>(
      std::move(lock), std::move(db), std::move(head_file), std::move(options), std::move(origin), tip, state)));
}

Outcome<StoredEvent> Store::append(EventBody body, std::string_view actor) {
  std::vector<EventBody> bodies;
  bodies.push_back(std::move(body));
  LOCKSTEP_TRY(stored, append(std::move(bodies), actor));
  return std::move(stored.front());
}

Outcome<std::vector<StoredEvent>> Store::append(std::vector<EventBody> bodies, std::string_view actor) {
  std::vector<StoredEvent> stored;
  if (bodies.empty()) return stored;
  Tip end = state_->tip;
  LOCKSTEP_TRY(transaction, Transaction::begin(state_->db));
  for (EventBody& body : bodies) {
    const std::string doing = std::string(kind_of(body).type) + " " + subject_of(body);
    auto one = state_->add(std::move(body), actor, end);
    if (!one) {
      // What contradicts the facts says so in the user's words; anything else is about the event.
      const ErrorKind kind = one.error().kind;
      const bool plain = kind == ErrorKind::conflict || kind == ErrorKind::not_found;
      return Fail(plain ? one.error() : one.error().in(doing));
    }
    stored.push_back(*std::move(one));
  }
  LOCKSTEP_CHECK(state_->db.run("UPDATE ledger_head SET position = ?, seal = ?", {end.head.position, end.head.seal.bytes()}));
  LOCKSTEP_CHECK(transaction.commit());
  state_->tip = end;
  // The events are durable; a head that cannot be written only weakens the audit.
  if (const auto written = state_->head_file.write(end.head); !written) {
    log_event(LogLevel::error, "store.head.failed", {{"reason", written.error().what}});
  }
  if (state_->observer) {
    for (const StoredEvent& event : stored) state_->observer(event);
  }
  return stored;
}

Outcome<StoredEvent> accept_ledger_head(const std::filesystem::path& state, std::string_view reason, std::string_view actor) {
  const auto kept = read_head_file(state / "ledger.head");
  LOCKSTEP_TRY(store, Store::open(state, {.accept_head = true}));
  LedgerHeadAccepted event{.head = to_text(store->head()), .kept = {}, .reason = std::string(reason)};
  if (kept && *kept) event.kept = to_text(**kept);
  return store->append(std::move(event), actor);
}

const std::string& Store::origin() const { return state_->origin; }
Head Store::head() const { return state_->tip.head; }
Queries& Store::queries() { return state_->queries; }
Artefacts& Store::artefacts() { return state_->artefacts; }
Outcome<void> Store::rebuild() { return renew(state_->db); }
void Store::on_appended(std::function<void(const StoredEvent&)> observer) { state_->observer = std::move(observer); }

}  // namespace lockstep::store
