// SQLite as this room uses it. Only the sqlite_*.cpp files know sqlite3.h. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "host/base/error.hpp"
#include "protocols/core/bytes.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace lockstep::store {

// A parameter. Text and bytes are views that must live until the call returns.
using Value = std::variant<std::nullptr_t, std::int64_t, std::string_view, Bytes>;
using Values = std::initializer_list<Value>;

enum class ColumnType : std::uint8_t { integer, text, blob, null, other };

// One row of a result; valid only inside the callback.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  int size() const;
  ColumnType type(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string str(int column) const { return std::string(text(column)); }
  Bytes blob(int column) const;

 private:
  sqlite3_stmt* statement_;
};

using EachRow = std::function<Outcome<void>(const Row&)>;

// Errors of all functions: conflict (a constraint, or locked by another process for more than 5 s), invalid (the file
// is damaged), io, internal (wrong SQL).
class Database {
 public:
  enum class Mode {
    create,     // read and write, made when missing; WAL, synchronous=FULL, foreign keys on
    read_only,  // changes no byte of the database or its write-ahead log
    memory,     // private and empty, for replays
  };
  static Outcome<Database> open(const std::filesystem::path& path, Mode mode);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) = delete;

  // Several statements without parameters.
  Outcome<void> execute(const std::string& script);
  // One statement; gives the number of rows changed. Prepared once per text and kept.
  Outcome<std::int64_t> run(std::string_view sql, Values values = {});
  // Calls `each` for every row until it fails.
  Outcome<void> query(std::string_view sql, Values values, const EachRow& each);
  // The first column of the first row; `otherwise` when there is none.
  Outcome<std::int64_t> integer(std::string_view sql, Values values = {}, std::int64_t otherwise = 0);
  Outcome<std::string> text(std::string_view sql, Values values = {}, std::string otherwise = {});

 private:
  struct State;
  class Use;
  explicit Database(std::unique_ptr<State> state);
  Outcome<sqlite3_stmt*> prepare(std::string_view sql);
  Fail<Error> error(std::string_view doing) const;

  std::unique_ptr<State> state_;
};

// Takes the write lock at once; rolled back unless committed.
class Transaction {
 public:
  static Outcome<Transaction> begin(Database& database);
  ~Transaction();
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;

  // Durable when this returned success.
  Outcome<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace lockstep::store
