// The run as a signed in-toto statement.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "host/base/crypto.hpp"
#include "host/hil/evidence.hpp"
#include "host/hil/evidence_parts.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/attest/statement.hpp"

namespace lockstep::hil {
namespace {

namespace json = boost::json;

json::string to_text(std::string_view text) { return json::string(text.data(), text.size()); }

attest::TestResult::Result result_word(Verdict verdict) {
  if (verdict == Verdict::passed) return attest::TestResult::Result::passed;
  if (verdict == Verdict::failed) return attest::TestResult::Result::failed;
  return attest::TestResult::Result::warned;
}

Outcome<std::vector<attest::Resource>> resources(const std::vector<DigestRecord>& records) {
  std::vector<attest::Resource> list;
  for (const DigestRecord& record : records) {
    LOCKSTEP_TRY(digest, Sha256::from_hex(record.sha256));
    list.push_back({record.name, digest, {}});
  }
  return list;
}

// Without the steps: they are in results.json, and the statement stays small enough to carry around.
json::object test_json(const TestRecord& test, Moment run_start) {
  json::array attempts;
  for (const AttemptRecord& attempt : test.attempts) {
    json::object short_form = attempt_json(attempt, run_start);
    short_form.erase("steps");
    attempts.push_back(std::move(short_form));
  }
  return {{"id", test.id},
          {"requirement", test.requirement},
          {"verdict", to_text(text(test.verdict))},
          {"reason", test.reason},
          {"attempts", std::move(attempts)}};
}

json::object extension(const RunResult& result) {
  json::array tests;
  for (const TestRecord& test : result.tests) tests.push_back(test_json(test, result.start));
  return {{"run", result.run_id},
          {"suite", result.suite_name},
          {"suiteVersion", result.suite_version},
          {"rig", result.rig_id},
          {"release", result.release},
          {"host", result.host},
          {"start", wall_text(result.start)},
          {"end", wall_text(result.end)},
          {"verdict", to_text(text(result.verdict))},
          {"reason", result.reason},
          {"tests", std::move(tests)},
          {"artefacts", artefacts_json(result)}};
}

Outcome<attest::Statement> statement(const RunResult& result) {
  LOCKSTEP_TRY(subject, resources(result.subjects));
  LOCKSTEP_TRY(configuration, resources(result.configuration));
  attest::TestResult predicate{.result = result_word(result.verdict), .configuration = std::move(configuration)};
  for (const TestRecord& test : result.tests) {
    auto& list = test.verdict == Verdict::passed   ? predicate.passed_tests
                 : test.verdict == Verdict::failed ? predicate.failed_tests
                                                   : predicate.warned_tests;
    list.push_back(test.id);
  }
  predicate.extension["hil.run"] = extension(result);
  return attest::Statement{std::move(subject), std::move(predicate)};
}

}  // namespace

Outcome<std::string> statement_json(const RunResult& result) {
  LOCKSTEP_TRY(made, statement(result));
  return attest::to_json(made);
}

Outcome<std::string> sign_evidence(const RunResult& result, const std::string& runner_key_pem) {
  LOCKSTEP_TRY(payload, statement_json(result));
  auto key = PrivateKey::from_pem(runner_key_pem);
  if (!key) return Fail(key.error().in("runner key"));
  const std::vector<PrivateKey> keys{*key};
  LOCKSTEP_TRY(envelope, attest::sign(std::string(attest::statement_payload_type), payload, keys));
  return attest::to_json(envelope);
}

}  // namespace lockstep::hil
