// The tables. Two kinds:
//   - the ledger's own (ledger, ledger_head, meta): changed only by migrations that keep every byte of every event;
//   - projections: everything else. They have no migrations: when projection_version is not the one in the file,
//     they are dropped and made again from the ledger.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/base/error.hpp"

namespace lockstep::store {

class Database;

inline constexpr std::int64_t application_id = 0x4C4B5354;  // "LKST", in the file's header
inline constexpr std::int64_t projection_version = 2;       // raise it with every change of projection_sql()

// Migration n leads from schema version n to n + 1 (PRAGMA user_version); 0 is the empty file.
const std::vector<std::string>& ledger_migrations();
const std::string& projection_sql();

// Brings the ledger's tables up to date. invalid: another program's database; conflict: a newer Lockstep's.
Outcome<void> migrate_ledger(Database& database);

// Names of the projection tables that the file has, in order.
Outcome<std::vector<std::string>> projection_tables(Database& database);

// Drops all projection tables and makes them anew, empty. Inside the caller's transaction; foreign keys off.
Outcome<void> renew_projections(Database& database);

}  // namespace lockstep::store
