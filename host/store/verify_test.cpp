#include "host/store/verify.hpp"

#include <fstream>
#include <random>

#include "host/base/files.hpp"
#include "host/store/head_file.hpp"
#include "host/store/sqlite_checked_vfs.hpp"
#include "host/store/sqlite_db.hpp"
#include "host/store/store_test_support.hpp"

using namespace lockstep;
using namespace lockstep::store;
using namespace lockstep::store::testing;

namespace fs = std::filesystem;

namespace {

// A closed store with one of each kind of event, and copies of it to damage.
struct Fixture {
  TempDir dir;
  Head head;
  int copies = 0;

  Fixture() {
    auto store = open_store(dir / "whole");
    append_all(*store, one_of_each());
    head = store->head();
  }
  fs::path copy() {
    const fs::path to = dir / ("copy" + std::to_string(++copies));
    fs::copy(dir / "whole", to, fs::copy_options::recursive);
    return to;
  }
};

// Changes the file by SQL, as somebody who knows our page checksums and schema would.
void tamper(const fs::path& state, const std::string& sql) {
  Database db = must(Database::open(state / "ledger.db", Database::Mode::create));
  must(db.execute(sql));
}

std::string first_problem(const LedgerReport& report) {
  return report.ok() ? "none" : report.problems.front().where + ": " + report.problems.front().what;
}

void flip(const fs::path& file, std::size_t byte, int bit) {
  std::fstream io(file, std::ios::in | std::ios::out | std::ios::binary);
  io.seekg(static_cast<std::streamoff>(byte));
  const int old = io.get();
  io.seekp(static_cast<std::streamoff>(byte));
  io.put(static_cast<char>(old ^ (1 << bit)));
  REQUIRE(io.good());
}

}  // namespace

TEST_CASE("an untouched ledger is found whole, and its end proved") {
  Fixture f;
  const LedgerReport report = must(verify_ledger(f.dir / "whole"));
  CHECK_MESSAGE(report.ok(), first_problem(report));
  CHECK(report.end_proved);
  CHECK(report.notes.empty());
  CHECK(report.events == f.head.position);
  CHECK(report.head.seal == f.head.seal);
  REQUIRE(report.origins.size() == 1);
  CHECK(report.origins[0].origin == "test");
  CHECK(must(verify_ledger(f.dir / "whole" / "ledger.db")).ok());
  CHECK(verify_ledger(f.dir / "nothing").error().kind == ErrorKind::not_found);
}

TEST_CASE("an audit changes no byte, also of a store that was killed") {
  TempDir dir;
  auto store = open_store(dir / "live");
  append_all(*store, one_of_each());
  // As SIGKILL leaves it: the write-ahead log holds everything, the database file nothing.
  fs::copy(dir / "live", dir / "killed", fs::copy_options::recursive);
  const auto content = [&](const char* name) { return must(read_file(dir / "killed" / name)); };
  const Buffer database = content("ledger.db"), log = content("ledger.db-wal"), head = content("ledger.head");
  const LedgerReport report = must(verify_ledger(dir / "killed"));
  CHECK_MESSAGE(report.ok(), first_problem(report));
  CHECK(report.events == store->head().position);
  CHECK(content("ledger.db") == database);
  CHECK(content("ledger.db-wal") == log);
  CHECK(content("ledger.head") == head);
}

TEST_CASE("an audit leaves no file behind, whatever the folder is called") {
  Fixture f;
  const fs::path odd = f.dir / "100% #1?";
  fs::copy(f.dir / "whole", odd, fs::copy_options::recursive);
  const auto files = [&] { return std::distance(fs::directory_iterator(odd), fs::directory_iterator()); };
  const auto before = files();
  CHECK(must(verify_ledger(odd)).end_proved);
  CHECK(must(verify_projections(odd)).empty());
  CHECK(files() == before);
}

TEST_CASE("a running daemon's ledger can be audited") {
  TempDir dir;
  auto store = open_store(dir.path());
  append_all(*store, one_of_each());
  CHECK(must(verify_ledger(dir.path())).ok());
  CHECK(must(verify_projections(dir.path())).empty());
  must(store->append(DaemonStarted{.daemon = "x", .version = "", .pid = 1}));
  CHECK(must(verify_ledger(dir.path())).end_proved);
}

TEST_CASE("one flipped bit in any column of any event is noticed, also with right page checksums") {
  Fixture f;
  struct Column {
    const char* name;
    int bytes;  // how many of them are tried
  };
  // The canonical text of event 17 is longer than its other columns; all of it is tried.
  for (const Column column : {Column{"origin", 4}, {"time", 24}, {"type", 9}, {"subject", 9}, {"canonical", 200}, {"hash", 32}, {"seal", 32}}) {
    for (int byte = 1; byte <= column.bytes; ++byte) {
      const fs::path state = f.copy();
      const std::string name = column.name;
      const std::string cast = name == "hash" || name == "seal" ? "BLOB" : "TEXT";
      // Replaces one byte by its neighbour (lowest bit flipped).
      Database db = must(Database::open(state / "ledger.db", Database::Mode::create));
      const std::int64_t old = must(db.integer(
          "SELECT coalesce(unicode(CAST(substr(CAST(" + name + " AS BLOB), ?, 1) AS TEXT)), 0) FROM ledger WHERE position = 17", {std::int64_t{byte}}));
      const char flipped = static_cast<char>(old ^ 1);
      must(db.run("UPDATE ledger SET " + name + " = CAST(substr(CAST(" + name + " AS BLOB), 1, ?1 - 1) || ?2 || "
                  "substr(CAST(" + name + " AS BLOB), ?1 + 1) AS " + cast + ") WHERE position = 17",
                  {std::int64_t{byte}, std::as_bytes(std::span(&flipped, 1))}));
      CAPTURE(name);
      CAPTURE(byte);
      const LedgerReport report = must(verify_ledger(state));
      CHECK_FALSE(report.ok());
      fs::remove_all(state);
    }
  }
}

TEST_CASE("changed numbers, removed, moved, doubled and forged events are noticed") {
  Fixture f;
  const auto problem = [&](const std::string& sql) {
    const fs::path state = f.copy();
    tamper(state, sql);
    return first_problem(must(verify_ledger(state)));
  };
  const std::string last = std::to_string(f.head.position);
  CHECK(problem("UPDATE ledger SET sequence = 1000 WHERE position = 9") != "none");
  CHECK(problem("UPDATE ledger SET position = 1000 WHERE position = 9") == "event 9: is missing: the next one has position 10");
  CHECK(problem("DELETE FROM ledger WHERE position = 9") == "event 9: is missing: the next one has position 10");
  CHECK(problem("DELETE FROM ledger WHERE position = 1") == "event 1: is missing: the next one has position 2");
  CHECK(problem("DELETE FROM ledger WHERE position = " + last).starts_with("ledger_head: differs from the last event"));
  CHECK(problem("DELETE FROM ledger") != "none");
  CHECK(problem("UPDATE ledger_head SET position = 3") != "none");
  CHECK(problem("DELETE FROM ledger_head") != "none");
  CHECK(problem("UPDATE ledger_head SET seal = zeroblob(32)") != "none");
  CHECK(problem("UPDATE ledger SET position = 1000 WHERE position = 9; UPDATE ledger SET position = 9 WHERE position = 10;"
                "UPDATE ledger SET position = 10 WHERE position = 1000") != "none");
  CHECK(problem("INSERT INTO ledger SELECT position + 1, origin, sequence + 1, time, type, subject, canonical, hash, seal "
                "FROM ledger WHERE position = " + last) != "none");
  CHECK(problem("UPDATE ledger SET hash = zeroblob(31) WHERE position = 4") != "none");
  CHECK(problem("CREATE TRIGGER t AFTER INSERT ON ledger BEGIN DELETE FROM jobs; END") ==
        "ledger.db: the definitions of the ledger's tables were changed");
}

TEST_CASE("a tail cut off with its head row rewritten is noticed by the head kept beside the database") {
  Fixture f;
  const fs::path state = f.copy();
  tamper(state, "DELETE FROM ledger WHERE position > 20; "
                "UPDATE ledger_head SET position = 20, seal = (SELECT seal FROM ledger WHERE position = 20)");
  const LedgerReport report = must(verify_ledger(state));
  REQUIRE(report.problems.size() == 1);
  CHECK(report.problems[0].where == "ledger.head");
  CHECK_FALSE(report.end_proved);
  // The daemon does not go on with it either.
  CHECK(Store::open(state).error().kind == ErrorKind::invalid);

  // Without that file the cut cannot be known; the report says so instead of claiming the end.
  fs::remove(state / "ledger.head");
  CHECK(must(verify_ledger(state)).problems.at(0).where == "ledger.head");
  const LedgerReport blind = must(verify_ledger(state / "ledger.db"));  // a bare copy of the database may come without
  CHECK(blind.ok());
  CHECK_FALSE(blind.end_proved);
  REQUIRE(blind.notes.size() == 1);
  // Nobody goes on with it unnoticed: a person has to say so, and the ledger keeps it.
  CHECK(Store::open(state).error().what.find("ledger.head is gone") != std::string::npos);
  // A head noted elsewhere finds it out.
  const LedgerReport known = must(verify_ledger(state / "ledger.db", {.expected = f.head}));
  REQUIRE(known.problems.size() == 1);
  CHECK(known.problems[0].where == "the expected head");
}

TEST_CASE("a damaged or missing head can be accepted by a person, which the ledger keeps for ever") {
  for (const bool damaged : {false, true}) {
    CAPTURE(damaged);
    Fixture f;
    const fs::path state = f.copy();
    fs::remove(state / "ledger.head");
    if (damaged) must(write_file(state / "ledger.head", head_record({.position = 123456, .seal = f.head.seal}) + "more"));
    CHECK(Store::open(state).error().kind == ErrorKind::invalid);
    const auto stored = must(accept_ledger_head(state, "the disk was replaced", "anna"));
    CHECK(std::get<LedgerHeadAccepted>(stored.event.body).head == to_text(f.head));
    const LedgerReport report = must(verify_ledger(state));
    CHECK(report.ok());
    CHECK(report.end_proved);
    CHECK(Store::open(state));
  }
}

TEST_CASE("an artefact that is gone or changed is noticed") {
  TempDir dir;
  const Buffer bytes = to_buffer("an image");
  std::string digest;
  {
    const auto store = must(Store::open(dir.path()));
    const Artefact kept = must(store->artefacts().put(bytes));
    digest = kept.digest;
    must(store->append(ArtefactAdded{.digest = digest, .size = kept.size, .role = "firmware", .name = "a.bin"}));
  }
  CHECK(must(verify_artefacts(dir.path())).empty());
  const fs::path file = dir.path() / "artefacts/sha256" / digest.substr(0, 2) / digest.substr(2);
  fs::remove(file);
  const auto gone = must(verify_artefacts(dir.path()));
  REQUIRE(gone.size() == 1);
  CHECK(gone[0].where == "artefact " + digest);
  CHECK(gone[0].what == "is missing");
  must(write_file(file, "another image"));
  CHECK(must(verify_artefacts(dir.path()))[0].what == "its bytes no longer have this digest");
}

TEST_CASE("a rewritten history is told from the true one by a head noted elsewhere") {
  Fixture f;
  TempDir other;
  auto store = open_store(other.path());
  auto bodies = one_of_each();
  for (EventBody& body : bodies) {
    if (auto* finished = std::get_if<JobFinished>(&body)) finished->outcome = "succeeded";
  }
  append_all(*store, std::move(bodies));
  CHECK(must(verify_ledger(other.path())).ok());
  CHECK_FALSE(must(verify_ledger(other.path(), {.expected = f.head})).ok());
  CHECK(must(verify_ledger(f.dir / "whole", {.expected = f.head})).ok());
}

TEST_CASE("events of two origins cannot change places unseen") {
  // Chains are per origin, so only the seal tells the order of arrival.
  Fixture f;
  const fs::path state = f.copy();
  tamper(state, "UPDATE ledger SET origin = 'other', sequence = 1 WHERE position = 9");
  CHECK_FALSE(must(verify_ledger(state)).ok());
}

TEST_CASE("one flipped bit anywhere in the database file is noticed, and the daemon refuses what it reads of it") {
  Fixture f;
  const fs::path state = f.copy();
  const fs::path file = state / "ledger.db";
  const std::size_t size = fs::file_size(file);
  REQUIRE(size > 20 * page_size_bytes);
  REQUIRE_FALSE(fs::exists(state / "ledger.db-wal"));  // a clean end leaves no byte outside the checksums
  std::mt19937 random(2026);  // fixed seed: a failure can be repeated
  // The first page bit by bit (it has SQLite's header), the others in steps; every page is met.
  std::size_t tried = 0;
  for (std::size_t byte = 0; byte < size; byte += byte < 120 ? 1 : 389, ++tried) {
    const int bit = static_cast<int>(random() % 8);
    flip(file, byte, bit);
    const auto damaged = damaged_pages(file, 5);
    CAPTURE(byte);
    CAPTURE(bit);
    REQUIRE(damaged);
    REQUIRE(damaged->size() == 1);
    CHECK(damaged->front() == byte / page_size_bytes + 1);
    if (tried % 8 == 0) {
      const LedgerReport report = must(verify_ledger(state));
      CHECK_FALSE(report.ok());
    }
    flip(file, byte, bit);
  }
  CHECK(must(verify_ledger(state)).ok());

  flip(file, 30, 3);  // the number of pages, in the header
  const auto opened = Store::open(state);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().kind == ErrorKind::invalid);
  CHECK(opened.error().what.find("damaged") != std::string::npos);
}

TEST_CASE("a page in the place of another, a cut file and a foreign file are noticed") {
  Fixture f;
  const fs::path state = f.copy();
  Buffer bytes = must(read_file(state / "ledger.db"));
  const auto page = [&](std::ptrdiff_t n) { return bytes.begin() + n * std::ptrdiff_t{page_size_bytes}; };
  std::swap_ranges(page(3), page(4), page(5));
  must(write_file(state / "ledger.db", bytes));
  CHECK(must(damaged_pages(state / "ledger.db", 9)) == std::vector<std::uint32_t>{4, 6});

  const fs::path cut = f.copy();
  fs::resize_file(cut / "ledger.db", 5 * page_size_bytes);
  CHECK_FALSE(must(verify_ledger(cut)).ok());
  fs::resize_file(cut / "ledger.db", 5 * page_size_bytes - 1);
  CHECK_FALSE(must(verify_ledger(cut)).ok());
  fs::resize_file(cut / "ledger.db", 0);
  CHECK_FALSE(must(verify_ledger(cut)).ok());

  must(write_file(cut / "ledger.db", "this is no database, but it is long enough to be read as one, at least in part"));
  CHECK_FALSE(must(verify_ledger(cut)).ok());
}

TEST_CASE("a damaged write-ahead log, which makes SQLite forget transactions, is noticed") {
  TempDir dir;
  auto store = open_store(dir / "live");
  append_all(*store, one_of_each());
  fs::copy(dir / "live", dir / "killed", fs::copy_options::recursive);
  const fs::path log = dir / "killed" / "ledger.db-wal";
  const std::size_t size = fs::file_size(log);
  REQUIRE(size > 100 * 1024);
  for (std::size_t byte = 0; byte < size; byte += size / 97) {
    flip(log, byte, static_cast<int>(byte % 8));
    fs::remove(dir / "killed" / "ledger.db-shm");
    const LedgerReport report = must(verify_ledger(dir / "killed"));
    CAPTURE(byte);
    CHECK_FALSE(report.ok());
    flip(log, byte, static_cast<int>(byte % 8));
  }
  fs::remove(dir / "killed" / "ledger.db-shm");
  CHECK(must(verify_ledger(dir / "killed")).ok());
}

TEST_CASE("tables changed behind the ledger's back are named") {
  Fixture f;
  const fs::path state = f.copy();
  tamper(state, "UPDATE jobs SET outcome = 'succeeded'; DELETE FROM evidence");
  CHECK(must(verify_ledger(state)).ok());  // the ledger itself is whole ...
  const auto problems = must(verify_projections(state));
  REQUIRE(problems.size() == 2);           // ... and tells what the tables should say
  CHECK(problems[0].where == "table evidence");
  CHECK(problems[1].where == "table jobs");
}
