// Ledger appends per second beside a bare SQLite loop that writes the same rows, one transaction each, in the same
// durability mode (WAL, synchronous=FULL) on the same disk. Both take turns, because a shared disk changes its mood.
//
//   lockstep-bench-ledger [--json] [--appends N] [--rounds N] [--dir FOLDER]
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/json.hpp"
#include "host/base/temp_dir.hpp"
#include "host/store/schema.hpp"
#include "host/store/store.hpp"

namespace {

using namespace lockstep;
namespace fs = std::filesystem;

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "lockstep-bench-ledger: %s\n", why.c_str());
  std::exit(1);
}

template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) die(outcome.error().what);
  return *std::move(outcome);
}

template <class Work>
double per_second(int times, Work work) {
  const auto begin = std::chrono::steady_clock::now();
  for (int n = 0; n < times; ++n) work(n);
  return times / std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// A store with one running job, whose state changes are the most frequent events of a rollout.
std::unique_ptr<store::Store> make_store(const fs::path& state) {
  auto store = must(store::Store::open(state));
  const std::string digest(64, 'a');
  must(store->append({store::ArtefactAdded{.digest = digest, .size = 1, .role = "envelope", .name = "x"},
                      store::ReleaseAdded{.release = "r", .product = "p", .version = "1", .title = "", .manifest_digest = digest,
                                          .envelope_digest = digest, .key_ids = {}, .images = {}},
                      store::DeviceAdded{.device = "d"}, store::JobCreated{.job = "job-1", .device = "d", .release = "r"}}));
  return store;
}

store::EventBody state_change(int n) {
  return store::JobState{.job = "job-1", .state = "uploading", .facts = {{"offset", n}, {"old_version", "1.0.0"}}};
}

// The rows that the store wrote, to be written again by the bare loop.
struct RowBytes {
  std::string origin, time, type, subject, canonical;
  std::int64_t sequence = 0;
};

// SQLite by hand: the ledger's table with its index, one prepared statement, nothing else.
class BareLoop {
 public:
  explicit BareLoop(const fs::path& file) {
    check(sqlite3_open(file.c_str(), &db_));
    check(sqlite3_exec(db_, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;", nullptr, nullptr, nullptr));
    check(sqlite3_exec(db_, store::ledger_migrations().front().c_str(), nullptr, nullptr, nullptr));
    check(sqlite3_prepare_v2(db_, "INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", -1, &insert_, nullptr));
  }
  ~BareLoop() {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  BareLoop(const BareLoop&) = delete;
  BareLoop& operator=(const BareLoop&) = delete;

  void append(const RowBytes& row) {
    static const std::string hash(32, 'h');
    sqlite3_bind_int64(insert_, 1, ++position_);
    text(2, row.origin);
    sqlite3_bind_int64(insert_, 3, position_);
    text(4, row.time), text(5, row.type), text(6, row.subject), text(7, row.canonical);
    sqlite3_bind_blob(insert_, 8, hash.data(), 32, SQLITE_STATIC);
    sqlite3_bind_blob(insert_, 9, hash.data(), 32, SQLITE_STATIC);
    if (sqlite3_step(insert_) != SQLITE_DONE) die(sqlite3_errmsg(db_));
    sqlite3_reset(insert_);
  }

 private:
  void check(int rc) {
    if (rc != SQLITE_OK) die(db_ == nullptr ? "cannot open SQLite" : sqlite3_errmsg(db_));
  }
  void text(int index, const std::string& value) {
    sqlite3_bind_text(insert_, index, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::int64_t position_ = 0;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Options {
  bool json = false;
  int appends = 300;
  int rounds = 9;
  fs::path dir;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int n = 1; n < argc; ++n) {
    const std::string_view name = argv[n];
    if (name == "--json") {
      options.json = true;
    } else if (n + 1 < argc && name == "--appends") {
      options.appends = std::max(1, std::atoi(argv[++n]));
    } else if (n + 1 < argc && name == "--rounds") {
      options.rounds = std::max(1, std::atoi(argv[++n]));
    } else if (n + 1 < argc && name == "--dir") {
      options.dir = argv[++n];
    } else {
      std::fprintf(stderr, "usage: lockstep-bench-ledger [--json] [--appends N] [--rounds N] [--dir FOLDER]\n");
      std::exit(2);
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  const TempDir temporary;
  const fs::path dir = options.dir.empty() ? temporary.path() : options.dir / "lockstep-bench-ledger";
  fs::remove_all(dir / "ledger"), fs::remove(dir / "bare.db"), fs::create_directories(dir);

  auto store = make_store(dir / "ledger");
  BareLoop bare(dir / "bare.db");
  const store::StoredEvent example = must(store->append(state_change(123)));
  const RowBytes row{.origin = example.event.origin, .time = format_time(example.event.time), .type = "job.state",
                     .subject = "job/job-1", .canonical = example.canonical, .sequence = 1};

  std::vector<double> ours, theirs, ratios;
  for (int round = 0; round < options.rounds; ++round) {
    theirs.push_back(per_second(options.appends, [&](int) { bare.append(row); }));
    ours.push_back(per_second(options.appends, [&](int n) { must(store->append(state_change(n))); }));
    ratios.push_back(ours.back() / theirs.back());
  }
  store.reset();
  if (!options.dir.empty()) fs::remove_all(dir);

  if (options.json) {
    const json::object out{{"ledger_appends_per_second", median(ours)}, {"bare_sqlite_rows_per_second", median(theirs)},
                           {"ratio", median(ratios)}, {"appends", options.appends}, {"rounds", options.rounds}};
    std::puts(json::serialize(out).c_str());
    return 0;
  }
  std::printf("ledger appends     %8.0f per second (hash chain, checked pages, tables, head file)\n", median(ours));
  std::printf("bare SQLite loop   %8.0f per second (the same row, WAL, synchronous=FULL)\n", median(theirs));
  std::printf("ratio              %8.2f (median of %d rounds of %d)\n", median(ratios), options.rounds, options.appends);
  return 0;
}
