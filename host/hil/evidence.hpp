// A run as others can check it: JUnit XML, our own JSON, and a signed in-toto statement.
#pragma once

#include <string>

#include "host/base/error.hpp"
#include "host/hil/result.hpp"

namespace lockstep::hil {

// results.json: everything, times as RFC 3339 and as milliseconds since the start of the run.
std::string results_json(const RunResult& result);

// One testsuite, one testcase per test with its final verdict; earlier attempts are properties. Valid under the
// Ant JUnit schema (windyroad) and Jenkins' own: failed is a failure; error, inconclusive, cancelled and blocked are
// errors; skipped is skipped.
std::string junit_xml(const RunResult& result);

// in-toto Statement v1 with the predicate https://in-toto.io/attestation/test-result/v0.1. Its `result` knows only
// three words: PASSED, FAILED (the device failed) and WARNED (everything else, among it marginal, unstable, error,
// inconclusive); the exact verdict and all attempts are in the extension "hil.run".
// Errors: invalid (a digest of the record is none).
Outcome<std::string> statement_json(const RunResult& result);

// The statement in a DSSE envelope of payload type application/vnd.in-toto+json.
// Errors: invalid (the key is no ECDSA P-256 private key in PEM).
Outcome<std::string> sign_evidence(const RunResult& result, const std::string& runner_key_pem);

}  // namespace lockstep::hil
