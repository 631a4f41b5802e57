// From events to tables. The tables hold nothing that is not derived here, so they can be thrown away.
#pragma once

#include "host/base/error.hpp"
#include "host/store/event.hpp"

namespace lockstep::store {

class Database;

// Brings the tables up to date with one more event, inside the caller's transaction. The same events in the same
// order always give the same tables: nothing but the event and the tables is looked at.
// Errors: not_found, conflict, invalid: the event does not fit what is known; then it must not be appended.
Outcome<void> project(Database& database, const Event& event);

}  // namespace lockstep::store
