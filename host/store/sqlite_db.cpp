#include "host/store/sqlite_db.hpp"

#include <sqlite3.h>

#include <unordered_map>
#include <utility>

#include "host/base/text.hpp"
#include "host/store/sqlite_checked_vfs.hpp"

namespace lockstep::store {
namespace {

ErrorKind kind_of_code(int code) {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ErrorKind::conflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return ErrorKind::invalid;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE: return ErrorKind::internal;
    case SQLITE_IOERR: return code == SQLITE_IOERR_DATA ? ErrorKind::invalid : ErrorKind::io;
    default: return ErrorKind::io;
  }
}

int bind(sqlite3_stmt* statement, int index, const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return sqlite3_bind_int64(statement, index, *number);
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    // A null pointer would bind NULL; an empty text is a text.
    return sqlite3_bind_text64(statement, index, text->empty() ? "" : text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  if (const auto* bytes = std::get_if<Bytes>(&value)) {
    return sqlite3_bind_blob64(statement, index, bytes->data(), bytes->size(), SQLITE_STATIC);
  }
  return sqlite3_bind_null(statement, index);
}

// For the writer. FULL: a commit returns after the write-ahead log is on the disk.
constexpr const char* writer_pragmas =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON; "
    "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;";
constexpr const char* reader_pragmas =
    "PRAGMA query_only=ON; PRAGMA cell_size_check=ON; PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY;";

// A reader makes a -wal and a -shm file beside the database, with its own user's rights, and could not open one in a
// read-only folder. Where there is no write-ahead log (nobody has the database open, and it was closed in order), the
// database file is all there is: then SQLite is told so ("immutable").
std::string reader_name(const std::filesystem::path& path) {
  if (std::filesystem::exists(path.string() + "-wal")) return path.string();
  std::string uri = "file:";
  for (const char c : std::filesystem::absolute(path).string()) {
    if (c == '%' || c == '?' || c == '#') {
      uri += "%" + to_hex(as_bytes(std::string_view(&c, 1)));
    } else {
      uri += c;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

int Row::size() const { return sqlite3_column_count(statement_); }
ColumnType Row::type(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER: return ColumnType::integer;
    case SQLITE_TEXT: return ColumnType::text;
    case SQLITE_BLOB: return ColumnType::blob;
    case SQLITE_NULL: return ColumnType::null;
    default: return ColumnType::other;
  }
}
std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }
std::string_view Row::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr ? std::string_view() : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}
Bytes Row::blob(int column) const {
  const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  return Bytes(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

struct Database::State {
  sqlite3* handle = nullptr;
  std::string path;
  // Idle statements by their text; several when one text is used inside its own callback.
  std::unordered_multimap<std::string, sqlite3_stmt*> idle;

  ~State() {
    for (const auto& [sql, statement] : idle) sqlite3_finalize(statement);
    sqlite3_close_v2(handle);
  }
};

// A statement out of the cache for the length of one call.
class Database::Use {
 public:
  Use(State& state, std::string_view sql, sqlite3_stmt* statement) : state_(state), sql_(sql), statement_(statement) {}
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    state_.idle.emplace(std::move(sql_), statement_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  sqlite3_stmt* get() const { return statement_; }
  bool bind_all(Values values) {
    int index = 0;
    for (const Value& value : values) {
      if (bind(statement_, ++index, value) != SQLITE_OK) return false;
    }
    return sqlite3_bind_parameter_count(statement_) == index;
  }

 private:
  State& state_;
  std::string sql_;
  sqlite3_stmt* statement_;
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::~Database() = default;
Database::Database(Database&&) noexcept = default;

Fail<Error> Database::error(std::string_view doing) const {
  const int code = sqlite3_extended_errcode(state_->handle);
  std::string what = state_->path + ": " + std::string(doing) + ": ";
  what += code == SQLITE_IOERR_DATA ? "a page's checksum does not fit: the file is damaged" : sqlite3_errmsg(state_->handle);
  const ErrorKind kind = kind_of_code(code);
  return fail(kind, std::move(what), kind == ErrorKind::invalid ? "see `lockstep audit verify`, and restore a backup"
                                     : kind == ErrorKind::io    ? "look at the disk: is it full, read-only, failing?"
                                                                : "");
}

Outcome<Database> Database::open(const std::filesystem::path& path, Mode mode) {
  auto state = std::make_unique<State>();
  state->path = mode == Mode::memory ? "replay" : path.string();
  const char* vfs = mode == Mode::memory ? nullptr : checked_vfs();
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
    case Mode::create: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE; break;
    case Mode::read_only: flags |= SQLITE_OPEN_READONLY | SQLITE_OPEN_URI; break;
    case Mode::memory: flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY; break;
  }
  const std::string name = mode == Mode::memory      ? ":memory:"
                           : mode == Mode::read_only ? reader_name(path)
                                                     : path.string();
  const int rc = sqlite3_open_v2(name.c_str(), &state->handle, flags, vfs);
  Database database(std::move(state));
  if (rc != SQLITE_OK) return database.error("open");
  sqlite3* const handle = database.state_->handle;
  sqlite3_busy_timeout(handle, 5000);
  if (mode == Mode::memory) return database;
  if (mode == Mode::read_only) {
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    LOCKSTEP_CHECK(database.execute(reader_pragmas));
    return database;
  }
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  int reserved = int{page_checksum_bytes};
  if (sqlite3_file_control(handle, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved) != SQLITE_OK) {
    return database.error("reserve room for checksums");
  }
  LOCKSTEP_CHECK(database.execute("PRAGMA page_size=4096;"));
  LOCKSTEP_CHECK(database.execute(writer_pragmas));
  return database;
}

Outcome<void> Database::execute(const std::string& script) {
  if (sqlite3_exec(state_->handle, script.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error(script.substr(0, 60));
  return {};
}

Outcome<sqlite3_stmt*> Database::prepare(std::string_view sql) {
  if (const auto found = state_->idle.find(std::string(sql)); found != state_->idle.end()) {
    sqlite3_stmt* const statement = found->second;
    state_->idle.erase(found);
    return statement;
  }
  sqlite3_stmt* statement = nullptr;
  const int rc = sqlite3_prepare_v3(state_->handle, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (rc != SQLITE_OK || statement == nullptr) return error(sql.substr(0, 60));
  return statement;
}

Outcome<std::int64_t> Database::run(std::string_view sql, Values values) {
  LOCKSTEP_TRY(statement, prepare(sql));
  Use use(*state_, sql, statement);
  if (!use.bind_all(values)) return fail(ErrorKind::internal, "wrong parameters for " + std::string(sql));
  int rc = SQLITE_ROW;
  while (rc == SQLITE_ROW) rc = sqlite3_step(use.get());
  if (rc != SQLITE_DONE) return error(sql.substr(0, 60));
  return sqlite3_changes64(state_->handle);
}

Outcome<void> Database::query(std::string_view sql, Values values, const EachRow& each) {
  LOCKSTEP_TRY(statement, prepare(sql));
  Use use(*state_, sql, statement);
  if (!use.bind_all(values)) return fail(ErrorKind::internal, "wrong parameters for " + std::string(sql));
  const Row row(use.get());
  int rc = SQLITE_OK;
  while ((rc = sqlite3_step(use.get())) == SQLITE_ROW) LOCKSTEP_CHECK(each(row));
  if (rc != SQLITE_DONE) return error(sql.substr(0, 60));
  return {};
}

Outcome<std::int64_t> Database::integer(std::string_view sql, Values values, std::int64_t otherwise) {
  std::int64_t out = otherwise;
  bool first = true;
  LOCKSTEP_CHECK(query(sql, values, [&](const Row& row) -> Outcome<void> {
    if (std::exchange(first, false)) out = row.integer(0);
    return {};
  }));
  return out;
}

Outcome<std::string> Database::text(std::string_view sql, Values values, std::string otherwise) {
  bool first = true;
  LOCKSTEP_CHECK(query(sql, values, [&](const Row& row) -> Outcome<void> {
    if (std::exchange(first, false)) otherwise = row.str(0);
    return {};
  }));
  return otherwise;
}

Outcome<Transaction> Transaction::begin(Database& database) {
  LOCKSTEP_CHECK(database.run("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  // A rollback can only fail when SQLite has already rolled back by itself.
  if (database_ != nullptr) static_cast<void>(database_->run("ROLLBACK"));
}

Outcome<void> Transaction::commit() {
  LOCKSTEP_CHECK(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace lockstep::store
