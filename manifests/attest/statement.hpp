// in-toto Statement v1 (in-toto/attestation, spec/v1/statement.md) with the predicate test-result v0.1
// (spec/predicates/test-result.md): our form of evidence. It is signed in a DSSE envelope of type
// application/vnd.in-toto+json.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/crypto.hpp"
#include "host/base/error.hpp"

namespace lockstep::attest {

inline constexpr std::string_view statement_payload_type = "application/vnd.in-toto+json";
inline constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view test_result_type = "https://in-toto.io/attestation/test-result/v0.1";

// A named digest: ResourceDescriptor reduced to what we rely on. Other members of a descriptor are refused.
struct Resource {
  std::string name;
  Sha256 sha256;
  boost::json::object annotations{};  // free facts about it; may be empty
};

struct TestResult {
  // The three words that the predicate has. Inconclusive and unstable runs are `warned`, with their own words in the
  // extension, so that no reader takes them for passed.
  enum class Result { passed, warned, failed };
  Result result = Result::failed;
  std::vector<Resource> configuration;  // suite, rig, tool, calibration
  std::string url{};                    // of the run; may be empty
  std::vector<std::string> passed_tests{};
  std::vector<std::string> warned_tests{};
  std::vector<std::string> failed_tests{};
  // Our own facts, under names with a dot ("lockstep.run"), as the specification asks of extensions.
  boost::json::object extension{};
};
std::string_view text(TestResult::Result result);  // "PASSED", "WARNED", "FAILED"

struct Statement {
  std::vector<Resource> subject;  // the images and the manifest; at least one, with distinct names
  TestResult result;
};

// Compact JSON, members in the order of the specification: the payload to sign.
std::string to_json(const Statement& statement);

// Strict: unknown members (but for the predicate's extension), wrong types, double members, other digests than
// sha256, contradictions (PASSED with failed tests, a test in two lists) are refused. Errors: invalid.
// A WARNED run may list failed tests (it broke off after them): look at the lists, too, before trusting it.
Outcome<Statement> parse_statement(std::string_view json);

}  // namespace lockstep::attest
