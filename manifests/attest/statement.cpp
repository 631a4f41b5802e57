#include "manifests/attest/statement.hpp"

#include <set>

#include "host/base/json.hpp"
#include "host/base/text.hpp"
#include "manifests/attest/strict_json.hpp"

namespace lockstep::attest {
namespace {

using Result = TestResult::Result;

constexpr std::size_t largest_statement = 2u << 20;

json::array to_array(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::array to_array(const std::vector<Resource>& resources) {
  json::array out;
  for (const Resource& r : resources) {
    json::object object{{"name", r.name}, {"digest", json::object{{"sha256", r.sha256.hex()}}}};
    if (!r.annotations.empty()) object["annotations"] = r.annotations;
    out.push_back(std::move(object));
  }
  return out;
}

// DigestSet, of which we take sha256 in its one form.
Outcome<Sha256> digest_from(const json::object& digest) {
  LOCKSTEP_CHECK(only_members(digest, "a digest", {"sha256"}));
  LOCKSTEP_TRY(hex, json_text(digest, "sha256"));
  LOCKSTEP_TRY(sha256, Sha256::from_hex(hex));
  if (sha256.hex() != hex) return fail(ErrorKind::invalid, "a digest must be in lower-case digits");
  return sha256;
}

Outcome<Resource> resource_from(const json::value& value, const std::string& what) {
  const json::object* object = value.if_object();
  if (object == nullptr) return fail(ErrorKind::invalid, what + " must be an object");
  LOCKSTEP_CHECK(only_members(*object, what, {"name", "digest", "annotations"}));
  LOCKSTEP_TRY(name, json_text(*object, "name"));
  LOCKSTEP_TRY(digest, json_object(*object, "digest"));
  LOCKSTEP_TRY(sha256, digest_from(*digest));
  if (name.empty()) return fail(ErrorKind::invalid, what + " has an empty name");
  Resource out{.name = std::string(name), .sha256 = sha256};
  if (object->contains("annotations")) {
    LOCKSTEP_TRY(annotations, json_object(*object, "annotations"));
    out.annotations = *annotations;
  }
  return out;
}

Outcome<std::vector<Resource>> resources_from(const json::object& object, std::string_view member) {
  LOCKSTEP_TRY(array, json_array(object, member));
  std::vector<Resource> out;
  std::set<std::string> names;
  for (const json::value& value : *array) {
    LOCKSTEP_TRY(resource, resource_from(value, "a member of " + in_quotes(member)));
    if (!names.insert(resource.name).second) {
      return fail(ErrorKind::invalid, in_quotes(member) + " names " + in_quotes(resource.name) + " twice");
    }
    out.push_back(std::move(resource));
  }
  return out;
}

Outcome<Result> result_from(std::string_view word) {
  for (const Result result : {Result::passed, Result::warned, Result::failed}) {
    if (text(result) == word) return result;
  }
  return fail(ErrorKind::invalid, "the result is " + in_quotes(word) + ", expected PASSED, WARNED or FAILED");
}

// A reader must not be able to choose which half of the statement to believe.
Outcome<void> refuse_contradictions(const TestResult& r) {
  std::set<std::string> seen;
  for (const auto* list : {&r.passed_tests, &r.warned_tests, &r.failed_tests}) {
    for (const std::string& test : *list) {
      if (!seen.insert(test).second) return fail(ErrorKind::invalid, "test " + in_quotes(test) + " is listed twice");
    }
  }
  if (r.result == Result::passed && !r.failed_tests.empty()) {
    return fail(ErrorKind::invalid, "the result is PASSED, but test " + in_quotes(r.failed_tests.front()) + " failed");
  }
  return {};
}

// What is not the predicate's own must be marked as an extension by a dot in its name.
Outcome<json::object> extension_from(const json::object& predicate) {
  json::object own;
  json::object extension;
  for (const auto& member : predicate) {
    const bool is_extension = member.key().find('.') != json::string_view::npos;
    (is_extension ? extension : own)[member.key()] = member.value();
  }
  LOCKSTEP_CHECK(only_members(own, "the predicate",
                              {"result", "configuration", "url", "passedTests", "warnedTests", "failedTests"}));
  return extension;
}

Outcome<TestResult> test_result_from(const json::object& predicate) {
  TestResult out;
  LOCKSTEP_TRY(word, json_text(predicate, "result"));
  LOCKSTEP_TRY(result, result_from(word));
  LOCKSTEP_TRY(configuration, resources_from(predicate, "configuration"));
  LOCKSTEP_TRY(passed, json_texts(predicate, "passedTests"));
  LOCKSTEP_TRY(warned, json_texts(predicate, "warnedTests"));
  LOCKSTEP_TRY(failed, json_texts(predicate, "failedTests"));
  LOCKSTEP_TRY(extension, extension_from(predicate));
  if (predicate.contains("url")) {
    LOCKSTEP_TRY(url, json_text(predicate, "url"));
    out.url = url;
  }
  out.result = result;
  out.configuration = std::move(configuration);
  out.passed_tests = std::move(passed);
  out.warned_tests = std::move(warned);
  out.failed_tests = std::move(failed);
  out.extension = std::move(extension);
  LOCKSTEP_CHECK(refuse_contradictions(out));
  return out;
}

Outcome<void> expect_text(const json::object& object, std::string_view member, std::string_view expected) {
  LOCKSTEP_TRY(found, json_text(object, member));
  if (found == expected) return {};
  return fail(ErrorKind::invalid, in_quotes(member) + " is " + in_quotes(found) + ", expected " + in_quotes(expected));
}

}  // namespace

std::string_view text(Result result) {
  switch (result) {
    case Result::passed: return "PASSED";
    case Result::warned: return "WARNED";
    case Result::failed: return "FAILED";
  }
  return {};
}

std::string to_json(const Statement& statement) {
  const TestResult& r = statement.result;
  json::object predicate{{"result", json::string(text(r.result))}, {"configuration", to_array(r.configuration)}};
  if (!r.url.empty()) predicate["url"] = r.url;
  predicate["passedTests"] = to_array(r.passed_tests);
  predicate["warnedTests"] = to_array(r.warned_tests);
  predicate["failedTests"] = to_array(r.failed_tests);
  for (const auto& member : r.extension) predicate[member.key()] = member.value();
  return json::serialize(json::object{{"_type", json::string(statement_type)},
                                      {"subject", to_array(statement.subject)},
                                      {"predicateType", json::string(test_result_type)},
                                      {"predicate", std::move(predicate)}});
}

Outcome<Statement> parse_statement(std::string_view text) {
  if (text.size() > largest_statement) return fail(ErrorKind::invalid, "the statement is larger than 2 MiB");
  LOCKSTEP_TRY(object, parse_strict(text));
  LOCKSTEP_CHECK(expect_text(object, "_type", statement_type));
  LOCKSTEP_CHECK(expect_text(object, "predicateType", test_result_type));
  LOCKSTEP_CHECK(only_members(object, "the statement", {"_type", "subject", "predicateType", "predicate"}));
  LOCKSTEP_TRY(subject, resources_from(object, "subject"));
  if (subject.empty()) return fail(ErrorKind::invalid, "the statement has no subject");
  LOCKSTEP_TRY(predicate, json_object(object, "predicate"));
  LOCKSTEP_TRY(result, test_result_from(*predicate));
  return Statement{.subject = std::move(subject), .result = std::move(result)};
}

}  // namespace lockstep::attest
