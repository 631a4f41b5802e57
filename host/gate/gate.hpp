// May this release go to devices? A pure function over signed evidence; it believes nothing but valid signatures.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "manifests/attest/dsse.hpp"
#include "manifests/attest/statement.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::gate {

// A thing that evidence must name by digest.
struct Subject {
  std::string name;    // component, for people
  std::string sha256;  // of the file, lower-case hex
};

struct ReleaseDigests {
  std::string release;          // id, as the commands take it: "thermostat@2.0.0"
  std::string manifest_sha256;  // of the release XML
  std::vector<Subject> images;  // every firmware component of the release
};

ReleaseDigests digests_of(const release::Release& release);

// One evidence file as it is kept.
struct Evidence {
  std::string digest;    // of the envelope: its name
  std::string envelope;  // DSSE JSON with an in-toto statement
};

struct RequiredSuite {
  std::string name;         // as the suite file calls itself
  std::string sha256 = {};  // of the suite XML; empty: any version of it
  std::string file = {};    // how the person named it, for the command in a hint; empty: the name
};

struct Policy {
  std::vector<RequiredSuite> suites;  // at least one; an empty policy proves nothing and lets nothing through
};

// Why a release may not go on: one thing that is missing, and the command that would supply it.
struct Lack {
  std::string what;
  std::string next;
};

// Evidence that counted.
struct Accepted {
  std::string digest;
  std::string suite;
  std::vector<std::string> images;   // names of the components it covers
  std::vector<std::string> signers;  // names of the trusted keys
};

// Evidence that did not, and why: not signed by a trusted key, about other digests, not passed, ...
struct Rejected {
  std::string digest;
  std::string why;
};

struct Verdict {
  bool allowed = false;
  std::vector<Accepted> accepted;
  std::vector<Rejected> rejected;
  std::vector<Lack> missing;  // empty exactly when allowed

  std::string summary() const;  // for people: one line when allowed, else one per lack
};

// Allowed when, for every required suite, the NEWEST evidence about this release (the last in `evidence`, which is
// ordered oldest first) passed, and these together name every image. Evidence counts when
//   - its envelope is signed by a key of `runners`, every signature valid;
//   - it is a test-result v0.1 statement whose subjects are the manifest's digest and digests of the release's images,
//     at least one, and nothing else;
//   - its configuration names the suite, with the required digest;
//   - its result is PASSED: WARNED (marginal, unstable) is not enough.
// A run of ours that ended by trouble of the rig or was cancelled, and in which no test failed, says nothing about the
// release: it neither lets it through nor takes an earlier result away.
Verdict evaluate(const ReleaseDigests& release, std::span<const Evidence> evidence,
                 std::span<const attest::TrustedKey> runners, const Policy& policy);

// What of a release has passed when nobody says which suites it must have passed.
struct Tried {
  std::vector<std::string> images;    // names of the components whose images passed
  std::vector<Accepted> accepted;     // the newest of each suite, when it passed
  std::vector<Lack> failed;           // the newest of each suite, when it did not
  std::vector<Rejected> rejected;     // evidence that says nothing about this release
};

// Whatever suites were tried on this release must have passed, by the newest evidence of each (as for evaluate, any version
// of a suite); one that did not takes all images of the release away, because nobody knows which of them was to blame.
// This chooses versions. What may go to devices is evaluate()'s answer, by suites that somebody names.
Tried tried(const ReleaseDigests& release, std::span<const Evidence> evidence, std::span<const attest::TrustedKey> runners);

}  // namespace lockstep::gate
