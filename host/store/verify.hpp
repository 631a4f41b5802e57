// Audit of a ledger file, independent of projections and of the code that writes them. Needs no lock and changes
// nothing; a running daemon may keep writing meanwhile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/store/ledger.hpp"

namespace lockstep::store {

struct OriginReport {
  std::string origin;
  std::int64_t events = 0;
  Hash hash{};  // of its last event
};

struct Problem {
  std::string where;  // "event 17", "page 3", "ledger.head"
  std::string what;   // one sentence
};

struct LedgerReport {
  std::int64_t events = 0;
  Head head;                         // recomputed from the rows
  std::vector<OriginReport> origins;
  std::vector<Problem> problems;     // empty: nothing was changed that can be known to have been changed
  bool end_proved = false;           // a head kept outside the database confirms that the tail is complete
  std::vector<std::string> notes;    // what could not be known, in words
  bool ok() const { return problems.empty(); }
};

struct VerifyOptions {
  // A head noted earlier in another place (`audit verify` prints it): the ledger must still contain it. The only
  // defence against somebody who rewrites the whole state directory.
  std::optional<Head> expected = {};
  std::size_t max_problems = 20;  // stop after so many
};

// `path`: a state directory or the ledger.db itself.
// not_found: no such file; io: it cannot be read to its end, which says nothing about its content. Every damage is a
// Problem in the report, never an error.
Outcome<LedgerReport> verify_ledger(const std::filesystem::path& path, const VerifyOptions& options = {});

// Replays the ledger into fresh tables in memory and compares all of them with the stored ones.
// Each difference is one Problem ("table jobs", "row 4 differs").
Outcome<std::vector<Problem>> verify_projections(const std::filesystem::path& path);

// Every artefact that the ledger names must be there with the bytes of its digest. `state`: the state directory.
Outcome<std::vector<Problem>> verify_artefacts(const std::filesystem::path& state);

}  // namespace lockstep::store
