#include "host/store/replay.hpp"

#include "host/base/text.hpp"
#include "host/store/event.hpp"
#include "host/store/projections.hpp"
#include "host/store/schema.hpp"
#include "host/store/sqlite_db.hpp"

namespace lockstep::store {
namespace {

std::string cell(const Row& row, int column) {
  switch (row.type(column)) {
    case ColumnType::null: return "null";
    case ColumnType::blob: return "x'" + to_hex(row.blob(column)) + "'";
    case ColumnType::text: return "'" + row.str(column) + "'";
    case ColumnType::integer:
    case ColumnType::other: return row.str(column);
  }
  return {};
}

}  // namespace

Outcome<void> replay(Database& source, Database& target) {
  LOCKSTEP_CHECK(renew_projections(target));
  return source.query("SELECT position, canonical FROM ledger ORDER BY position", {}, [&](const Row& row) -> Outcome<void> {
    const std::string place = "event " + std::to_string(row.integer(0));
    auto event = parse_event(row.text(1));
    if (!event) return Fail(event.error().in(place));
    const auto done = project(target, *event);
    if (!done) return Fail(done.error().in(place));
    return {};
  });
}

Outcome<Dump> dump_projections(Database& database) {
  LOCKSTEP_TRY(tables, projection_tables(database));
  Dump dump;
  for (const std::string& table : tables) {
    std::vector<std::string>& rows = dump[table];
    LOCKSTEP_CHECK(database.query("SELECT * FROM \"" + table + "\" ORDER BY rowid", {}, [&](const Row& row) -> Outcome<void> {
      std::string line;
      for (int column = 0; column < row.size(); ++column) line += (column == 0 ? "" : "|") + cell(row, column);
      rows.push_back(std::move(line));
      return {};
    }));
  }
  return dump;
}

}  // namespace lockstep::store
