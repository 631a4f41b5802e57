// What a run left behind: one record, from which results.json, JUnit XML and the signed evidence are made.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/hil/verdict.hpp"

namespace lockstep::hil {

// One moment on both clocks: durations come from `steady`, people and other machines read `wall`.
struct Moment {
  std::chrono::steady_clock::time_point steady{};
  std::chrono::system_clock::time_point wall{};
};

enum class MeasureOutcome : std::uint8_t { pass, marginal, fail, unset };
std::string_view text(MeasureOutcome outcome);  // "pass" ...

struct Measurement {
  std::string name;
  std::string unit;             // UCUM; empty: a count
  std::optional<double> value;  // in `unit`; none: declared but never set, which fails the test
  std::string comparator;       // LE LT GE GT EQ NE GELE EQT; empty: recorded only
  std::optional<double> low;
  std::optional<double> high;
  MeasureOutcome outcome = MeasureOutcome::unset;
};

struct StepRecord {
  std::string name;    // element name: "expect"
  std::string about;   // what it was asked, one line: "console log /APP (?P<v>.*)/ within 5 s"
  std::uint32_t line;  // in the suite file
  std::string phase;   // setup, test or teardown
  Moment start;
  Moment end;
  Verdict verdict = Verdict::passed;
  std::string reason;  // why it did not pass; one sentence, empty when it passed
};

// Attempts are rows: none is overwritten by a later one.
struct AttemptRecord {
  std::uint32_t number = 1;  // from 1
  Moment start;
  Moment end;
  Verdict verdict = Verdict::passed;
  std::string reason;
  std::vector<StepRecord> steps;
  std::vector<Measurement> measurements;
  std::vector<std::pair<std::string, std::string>> captures;  // in the order they were set
};

struct TestRecord {
  std::string id;
  std::string requirement;  // what the test proves, as the suite names it; may be empty
  std::vector<std::string> tags;
  Verdict verdict = Verdict::skipped;
  std::string reason;
  std::vector<AttemptRecord> attempts;  // empty: skipped, blocked or cancelled before it started
};

// A file of the run directory; never changed after the run.
struct ArtefactRecord {
  std::string name;    // "console-log.txt"
  std::string sha256;  // hex
  std::uint64_t size_bytes = 0;
};

// A thing by digest: what was tested and what it was tested with.
struct DigestRecord {
  std::string name;
  std::string sha256;  // hex
};

struct RunResult {
  std::string run_id;
  std::string suite_name;
  std::string suite_version;
  std::string rig_id;
  std::string release;  // "thermostat 2.0.0"; empty when no release was given
  std::string host;
  Moment start;
  Moment end;
  Verdict verdict = Verdict::error;
  std::string reason;
  std::vector<StepRecord> setup;
  std::vector<TestRecord> tests;
  std::vector<StepRecord> teardown;
  std::vector<DigestRecord> subjects;       // image files and the manifest
  std::vector<DigestRecord> configuration;  // suite, rig, tool
  std::vector<ArtefactRecord> artefacts;
  std::string evidence_file;  // path of the signed statement; empty when no runner key was given
};

}  // namespace lockstep::hil
