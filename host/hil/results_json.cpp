// results.json: the whole record.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "host/base/json.hpp"
#include "host/base/text.hpp"
#include "host/hil/evidence.hpp"
#include "host/hil/evidence_parts.hpp"

namespace lockstep::hil {
namespace {

json::string to_text(std::string_view text) { return json::string(text.data(), text.size()); }

json::object digest(const DigestRecord& record) { return {{"name", record.name}, {"sha256", record.sha256}}; }

json::array digests(const std::vector<DigestRecord>& records) {
  json::array list;
  for (const DigestRecord& record : records) list.push_back(digest(record));
  return list;
}

json::value optional_number(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::object step_json(const StepRecord& step, Moment run_start) {
  return {{"step", step.name},
          {"about", step.about},
          {"line", step.line},
          {"phase", step.phase},
          {"start_ms", millis_between(run_start, step.start)},
          {"took_ms", millis_between(step.start, step.end)},
          {"verdict", to_text(text(step.verdict))},
          {"reason", step.reason}};
}

json::array steps_json(const std::vector<StepRecord>& steps, Moment run_start) {
  json::array list;
  for (const StepRecord& step : steps) list.push_back(step_json(step, run_start));
  return list;
}

json::object test_json(const TestRecord& test, Moment run_start) {
  json::array attempts;
  for (const AttemptRecord& attempt : test.attempts) attempts.push_back(attempt_json(attempt, run_start));
  json::array tags;
  for (const std::string& tag : test.tags) tags.push_back(json::value(tag));
  return {{"id", test.id},
          {"requirement", test.requirement},
          {"tags", std::move(tags)},
          {"verdict", to_text(text(test.verdict))},
          {"reason", test.reason},
          {"attempts", std::move(attempts)}};
}

}  // namespace

std::string_view text(MeasureOutcome outcome) {
  switch (outcome) {
    case MeasureOutcome::pass: return "pass";
    case MeasureOutcome::marginal: return "marginal";
    case MeasureOutcome::fail: return "fail";
    case MeasureOutcome::unset: return "unset";
  }
  return "?";
}

std::int64_t millis_between(Moment from, Moment to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to.steady - from.steady).count();
}

std::string wall_text(Moment moment) {
  return format_time(std::chrono::time_point_cast<std::chrono::milliseconds>(moment.wall));
}

json::object measurement_json(const Measurement& m) {
  return {{"name", m.name},
          {"value", optional_number(m.value)},
          {"unit", m.unit},
          {"comp", m.comparator},
          {"low", optional_number(m.low)},
          {"high", optional_number(m.high)},
          {"outcome", to_text(text(m.outcome))}};
}

json::object attempt_json(const AttemptRecord& attempt, Moment run_start) {
  json::array measurements;
  for (const Measurement& m : attempt.measurements) measurements.push_back(measurement_json(m));
  json::object captures;
  for (const auto& [name, value] : attempt.captures) captures[name] = value;
  return {{"number", attempt.number},
          {"start", wall_text(attempt.start)},
          {"start_ms", millis_between(run_start, attempt.start)},
          {"took_ms", millis_between(attempt.start, attempt.end)},
          {"verdict", to_text(text(attempt.verdict))},
          {"reason", attempt.reason},
          {"measurements", std::move(measurements)},
          {"captures", std::move(captures)},
          {"steps", steps_json(attempt.steps, run_start)}};
}

json::array artefacts_json(const RunResult& result) {
  json::array list;
  for (const ArtefactRecord& a : result.artefacts) {
    list.push_back({{"name", a.name}, {"sha256", a.sha256}, {"size", a.size_bytes}});
  }
  return list;
}

std::string results_json(const RunResult& result) {
  json::array tests;
  for (const TestRecord& test : result.tests) tests.push_back(test_json(test, result.start));
  const json::object root{{"schema", 1},
                          {"run", result.run_id},
                          {"suite", result.suite_name},
                          {"suite_version", result.suite_version},
                          {"rig", result.rig_id},
                          {"release", result.release},
                          {"host", result.host},
                          {"start", wall_text(result.start)},
                          {"end", wall_text(result.end)},
                          {"took_ms", millis_between(result.start, result.end)},
                          {"verdict", to_text(text(result.verdict))},
                          {"reason", result.reason},
                          {"subjects", digests(result.subjects)},
                          {"configuration", digests(result.configuration)},
                          {"setup", steps_json(result.setup, result.start)},
                          {"tests", std::move(tests)},
                          {"teardown", steps_json(result.teardown, result.start)},
                          {"artefacts", artefacts_json(result)},
                          {"evidence", result.evidence_file.empty() ? "" : "evidence.dsse"}};
  return pretty_json(root);
}

}  // namespace lockstep::hil
