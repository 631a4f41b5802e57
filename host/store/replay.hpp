// From the ledger to tables again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "host/base/error.hpp"

namespace lockstep::store {

class Database;

// Drops the projections of `target` and makes them again from the ledger in `source` (which may be the same), inside
// the caller's transaction on `target`; foreign keys of `target` are off.
Outcome<void> replay(Database& source, Database& target);

// All rows of all projection tables as text, in the order in which they were made. For comparing.
using Dump = std::map<std::string, std::vector<std::string>>;
Outcome<Dump> dump_projections(Database& database);

}  // namespace lockstep::store
