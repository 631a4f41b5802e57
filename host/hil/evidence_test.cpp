// What a run leaves for others: JUnit for CI, a signed statement for gates.
#include <doctest/doctest.h>

#include <cstdlib>

#include "host/base/crypto.hpp"
#include "host/base/json.hpp"
#include "host/base/temp_dir.hpp"
#include "host/hil/evidence.hpp"
#include "host/hil/fake_rig.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/attest/statement.hpp"

using namespace lockstep;
using namespace lockstep::hil;

namespace {

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// One test of every verdict, with texts that XML and JSON must escape.
RunResult every_verdict() {
  RunResult result{.run_id = "run-1", .suite_name = "thermostat-smoke", .suite_version = "1", .rig_id = "bench-1",
                   .release = "thermostat 2.0.0", .host = "lab<1>", .verdict = Verdict::error, .reason = "x: a & \"b\" \x01"};
  for (int i = 0; i <= static_cast<int>(Verdict::error); ++i) {
    const auto verdict = static_cast<Verdict>(i);
    TestRecord test{.id = "t-" + std::string(text(verdict)), .requirement = "REQ-1", .tags = {"gate"}, .verdict = verdict,
                    .reason = is_pass(verdict) ? "" : "because <of> this", .attempts = {}};
    if (verdict != Verdict::skipped) {
      test.attempts.push_back({.number = 1, .verdict = verdict, .reason = test.reason, .steps = {},
                               .measurements = {{.name = "m", .unit = "ms", .value = 12.5, .outcome = MeasureOutcome::pass}},
                               .captures = {{"v", "1.0"}}});
    }
    result.tests.push_back(std::move(test));
  }
  result.subjects = {{"thermostat-2.0.signed.bin", std::string(64, 'a')}, {"thermostat-2.0.0.xml", std::string(64, 'b')}};
  result.configuration = {{"suite thermostat-smoke@1", std::string(64, 'c')}, {"rig bench-1", std::string(64, 'd')}};
  result.artefacts = {{"console-log.log", std::string(64, 'e'), 12}};
  return result;
}

}  // namespace

TEST_CASE("the JUnit report is valid under the Ant schema and keeps rig trouble apart from failures") {
  const std::string xml = junit_xml(every_verdict());
  CHECK(contains(xml, "tests=\"9\" failures=\"1\" errors=\"4\" skipped=\"1\""));
  CHECK(contains(xml, "hostname=\"lab&lt;1&gt;\""));
  CHECK(contains(xml, "<failure message=\"because &lt;of&gt; this\" type=\"failed\">"));
  CHECK(contains(xml, "<error message=\"because &lt;of&gt; this\" type=\"inconclusive\">"));
  TempDir dir;
  REQUIRE(write_file(dir / "junit.xml", xml));
  const std::string command = "xmllint --noout --schema " LOCKSTEP_SOURCE_DIR "/host/hil/junit.xsd " +
                              (dir / "junit.xml").string() + " >" + (dir / "out").string() + " 2>&1";
  const int status = std::system(command.c_str());
  CHECK_MESSAGE(status == 0, *read_text_file(dir / "out"));
}

TEST_CASE("a run that went wrong outside its tests has a red line in JUnit") {
  RunResult result = every_verdict();
  result.tests.clear();
  result.verdict = Verdict::error;
  CHECK(contains(junit_xml(result), "<testcase name=\"(run)\""));
}

TEST_CASE("results.json holds every attempt, step and digest") {
  const auto parsed = parse_json_object(results_json(every_verdict()));
  REQUIRE(parsed);
  CHECK(parsed->at("verdict") == "error");
  CHECK(parsed->at("tests").as_array().size() == 9);
  CHECK(parsed->at("tests").at_pointer("/0/attempts/0/measurements/0/value") == 12.5);
  CHECK(parsed->at("artefacts").at_pointer("/0/name") == "console-log.log");
}

TEST_CASE("the evidence names its digests, and only the three words of its predicate") {
  const auto key = PrivateKey::generate();
  REQUIRE(key);
  const auto envelope = sign_evidence(every_verdict(), key->pem());
  REQUIRE_MESSAGE(envelope, envelope.error().what);
  const std::vector<attest::TrustedKey> trusted{{"runner", key->public_key()}};
  const auto verified = attest::verify(*envelope, attest::statement_payload_type, trusted);
  REQUIRE_MESSAGE(verified, verified.error().what);
  const auto statement = attest::parse_statement(verified->payload);
  REQUIRE_MESSAGE(statement, statement.error().what);
  CHECK(statement->subject.at(0).sha256.hex() == std::string(64, 'a'));
  CHECK(statement->result.result == attest::TestResult::Result::warned);
  CHECK(statement->result.passed_tests == std::vector<std::string>{"t-passed"});
  CHECK(statement->result.failed_tests == std::vector<std::string>{"t-failed"});
  CHECK(statement->result.warned_tests.size() == 7);
  const json::object& run = statement->result.extension.at("hil.run").as_object();
  CHECK(run.at("verdict") == "error");
  CHECK(run.at("tests").as_array().size() == 9);
}

TEST_CASE("passed is PASSED, failed is FAILED, and everything else is WARNED") {
  for (int i = 0; i <= static_cast<int>(Verdict::error); ++i) {
    const auto verdict = static_cast<Verdict>(i);
    RunResult result = every_verdict();
    result.verdict = verdict;
    const TestRecord one = result.tests[static_cast<std::size_t>(i)];
    result.tests = {one};
    const auto statement = statement_json(result);
    REQUIRE(statement);
    const std::string_view word = verdict == Verdict::passed ? "PASSED" : verdict == Verdict::failed ? "FAILED" : "WARNED";
    CAPTURE(text(verdict));
    CHECK(contains(*statement, "\"result\":\"" + std::string(word) + "\""));
    CHECK(attest::parse_statement(*statement));
  }
}

TEST_CASE("a run leaves its whole record in its folder, signed over the image that was tested") {
  fake::Scene scene(R"X(<params><param name="image" type="artifact" role="candidate"/></params>
    <setup><flash artifact="${image}"/><power state="on"/></setup><test id="boots"><expect literal="APP"/></test>)X");
  REQUIRE(write_file(scene.dir / "image.bin", "image"));
  const std::string digest = Sha256::of("image").hex();
  scene.request.artifacts.push_back({"candidate", "app", "image.bin", (scene.dir / "image.bin").string(), digest});
  scene.request.release = ReleaseRef{"thermostat", "2.0.0", "thermostat-2.0.0.xml", std::string(64, 'b')};
  const auto key = PrivateKey::generate();
  REQUIRE(key);
  scene.request.runner_key_pem = key->pem();
  const RunResult result = scene.run();
  CHECK_MESSAGE(result.verdict == Verdict::passed, result.reason);
  CHECK(scene.world.flashed == std::vector<std::string>{digest});
  const std::vector<attest::TrustedKey> trusted{{"runner", key->public_key()}};
  const auto verified = attest::verify(scene.file("evidence.dsse"), attest::statement_payload_type, trusted);
  REQUIRE_MESSAGE(verified, verified.error().what);
  CHECK(contains(verified->payload, "{\"name\":\"image.bin\",\"digest\":{\"sha256\":\"" + digest + "\"}}"));
  CHECK(contains(verified->payload, Sha256::of(scene.file("console-log.log")).hex()));
  CHECK(contains(verified->payload, Sha256::of(scene.file("suite.xml")).hex()));
  for (const char* name : {"results.json", "junit.xml", "rig.xml", "console-log.times"}) CHECK_FALSE(scene.file(name).starts_with("(no"));
}
