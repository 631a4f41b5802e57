#include "manifests/attest/statement.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>

#include "host/base/json.hpp"

namespace lockstep::attest {
namespace {

Statement example() {
  Statement s;
  s.subject = {{"thermostat-2.0.bin", Sha256::of("image")}, {"release.xml", Sha256::of("manifest")}};
  s.result = {.result = TestResult::Result::passed,
              .configuration = {{"suite thermostat.smoke@1", Sha256::of("suite"), {{"tests", 3}}}},
              .url = "https://lockstep.example/runs/7",
              .passed_tests = {"boots", "identity"},
              .extension = {{"hil.run", json::object{{"attempts", 3}}}}};
  return s;
}

std::string with(std::string_view from, std::string_view to) {
  std::string text = to_json(example());
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, std::string(from));
  return text.replace(at, from.size(), to);
}

std::string error(const std::string& text) {
  const auto statement = parse_statement(text);
  return statement ? "" : statement.error().what;
}

}  // namespace

TEST_CASE("a statement is written as in-toto has it, and read back") {
  const std::string text = to_json(example());
  CHECK(text.starts_with(R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"thermostat-2.0.bin",)"
                         R"("digest":{"sha256":")"));
  CHECK(text.find(R"("predicateType":"https://in-toto.io/attestation/test-result/v0.1","predicate":{"result":"PASSED")") !=
        std::string::npos);
  const auto back = parse_statement(text);
  REQUIRE(back);
  CHECK(back->subject.size() == 2);
  CHECK(back->subject[1].sha256 == Sha256::of("manifest"));
  CHECK(back->result.result == TestResult::Result::passed);
  CHECK(back->result.configuration[0].annotations.at("tests").as_int64() == 3);
  CHECK(back->result.passed_tests == std::vector<std::string>{"boots", "identity"});
  CHECK(back->result.extension.contains("hil.run"));
  CHECK(to_json(*back) == text);
}

TEST_CASE("a statement in the words of the predicate's specification is read") {
  // in-toto/attestation, spec/predicates/test-result.md, "Example"; its digests are git ones, here sha256.
  const std::string digest = Sha256::of("x").hex();
  const auto statement = parse_statement(R"json({
    "_type": "https://in-toto.io/Statement/v1",
    "subject": [{"name": "_", "digest": {"sha256": ")json" + digest + R"json("}}],
    "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
    "predicate": {
        "result": "PASSED",
        "configuration": [{"name": ".github/workflows/ci.yml", "digest": {"sha256": ")json" + digest + R"json("}}],
        "url": "https://github.com/in-toto/in-toto/actions/runs/4425592351",
        "passedTests": ["build (3.7, ubuntu-latest, py)", "build (3.x, ubuntu-latest, lint)"],
        "warnedTests": [],
        "failedTests": []
    }
  })json");
  REQUIRE(statement);
  CHECK(statement->result.passed_tests.size() == 2);
  CHECK(statement->result.url == "https://github.com/in-toto/in-toto/actions/runs/4425592351");
}

TEST_CASE("what a statement must not have is refused with the member's name") {
  const struct { const char* from; const char* to; const char* message; } rows[] = {
      {"Statement/v1", "Statement/v2", "\"_type\" is \"https://in-toto.io/Statement/v2\", expected"},
      {"test-result/v0.1", "test-result/v0.2", "\"predicateType\" is"},
      {"\"subject\":", "\"subjects\":", "member \"subjects\" of the statement is unknown; did you mean \"subject\"?"},
      {"\"passedTests\":", "\"passdTests\":", "member \"passdTests\" of the predicate is unknown; did you mean \"passedTests\"?"},
      {"\"result\":\"PASSED\"", "\"result\":\"passed\"", "the result is \"passed\", expected PASSED, WARNED or FAILED"},
      {"\"result\":\"PASSED\"", "\"result\":true", "member \"result\" must be"},
      {"\"result\":\"PASSED\"", "\"result\":\"FAILED\",\"result\":\"PASSED\"", "member \"result\" is there twice"},
      {"\"result\":", "\"re\\u0073ult\":", "is written with an escape"},
      {"\"failedTests\":[]", "\"failedTests\":[\"x\"]", "the result is PASSED, but test \"x\" failed"},
      {"\"warnedTests\":[]", "\"warnedTests\":[\"boots\"]", "test \"boots\" is listed twice"},
      {"\"warnedTests\":[]", "\"warnedTests\":[7]", "member \"warnedTests\" must be a list of texts"},
      {"\"warnedTests\":[]", "\"warnedTests\":\"\"", "member \"warnedTests\" must be"},
      {"\"sha256\":", "\"sha512\":", "member \"sha512\" of a digest is unknown"},
      {"\"name\":\"release.xml\"", "\"name\":\"thermostat-2.0.bin\"", "names \"thermostat-2.0.bin\" twice"},
      {"\"name\":\"release.xml\"", "\"name\":\"\"", "has an empty name"},
      {"\"name\":\"release.xml\"", "\"uri\":\"x\"", "member \"uri\" of a member of \"subject\" is unknown"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.to));
    const std::string message = error(with(row.from, row.to));
    CAPTURE(message);
    CHECK(message.find(row.message) != std::string::npos);
  }
  CHECK(error(to_json({})) == "the statement has no subject");
  CHECK(error("[]") != "");
  CHECK(error(to_json(example()) + "{}") != "");
  std::string upper = to_json(example());
  const std::size_t digit = upper.find_first_of("abcdef", upper.find("\"sha256\":\"") + 10);
  upper[digit] = static_cast<char>(upper[digit] - 'a' + 'A');
  CHECK(error(upper) == "a digest must be in lower-case digits");
}

TEST_CASE("a run that broke off may list failed tests and is not passed") {
  Statement s = example();
  s.result.result = TestResult::Result::warned;
  s.result.failed_tests = {"flashes"};
  CHECK(parse_statement(to_json(s)));
}

TEST_CASE("every beginning of a statement is refused without reading past its end") {
  const std::string whole = to_json(example());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto exact = std::make_unique<char[]>(size);
    std::copy_n(whole.data(), size, exact.get());
    CAPTURE(size);
    REQUIRE_FALSE(parse_statement({exact.get(), size}));
  }
}

}  // namespace lockstep::attest
