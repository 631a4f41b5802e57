#include "host/gate/gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "host/base/text.hpp"

namespace lockstep::gate {
namespace {

// The entry of a statement's configuration that names the suite: "suite NAME@VERSION", as host/hil writes it.
struct Suite {
  std::string name;
  std::string sha256;
};

std::optional<Suite> suite_of(const attest::TestResult& result) {
  constexpr std::string_view prefix = "suite ";
  std::optional<Suite> found;
  for (const attest::Resource& entry : result.configuration) {
    if (!entry.name.starts_with(prefix)) continue;
    if (found) return std::nullopt;  // of two suites in one statement nobody can say which passed
    const std::string_view rest = std::string_view(entry.name).substr(prefix.size());
    found = Suite{.name = std::string(rest.substr(0, rest.rfind('@'))), .sha256 = entry.sha256.hex()};
  }
  return found;
}

// host/hil's finer word for the result ("passed-unstable", "error"); empty when another runner made the statement.
std::string own_verdict(const attest::TestResult& result) {
  const auto* run = result.extension.if_contains("hil.run");
  const auto* word = run != nullptr && run->is_object() ? run->get_object().if_contains("verdict") : nullptr;
  return word != nullptr && word->is_string() ? printable(word->get_string()) : std::string();
}

// Whether a run ended before it could say anything about the device, in host/hil's words.
bool says_nothing(const attest::TestResult& result, std::string_view verdict) {
  constexpr std::string_view words[] = {"error", "inconclusive", "cancelled", "blocked", "skipped"};
  return result.result == attest::TestResult::Result::warned && result.failed_tests.empty() &&
         std::find(std::begin(words), std::end(words), verdict) != std::end(words);
}

// What one envelope says, once it is believed and known to be about this release.
struct Statement {
  Suite suite;
  attest::TestResult::Result result;
  std::string verdict;  // in the runner's own words, when it says them
  std::vector<std::string> images;
  std::vector<std::string> signers;
};

class Gate {
 public:
  Gate(const ReleaseDigests& release, std::span<const attest::TrustedKey> runners, const Policy& policy)
      : release_(release), runners_(runners), policy_(policy) {}

  // The names of the suites of which there is evidence that counts; the other evidence goes to `rejected`.
  std::set<std::string> suites(std::span<const Evidence> evidence, std::vector<Rejected>& rejected) const {
    std::set<std::string> out;
    for (const Evidence& one : evidence) {
      const auto statement = read(one);
      if (statement) out.insert(statement->suite.name);
      if (!statement) rejected.push_back({one.digest, statement.error().what});
    }
    return out;
  }

  Verdict run(std::span<const Evidence> evidence) {
    for (const Evidence& one : evidence) weigh(one);
    for (const RequiredSuite& suite : policy_.suites) must_have_passed(suite);
    if (policy_.suites.empty()) {
      lack("no test suite is required, so nothing proves this release", "name at least one suite that it must have passed");
    }
    if (release_.images.empty()) lack("the release has no firmware image", "");
    if (verdict_.missing.empty()) images_must_be_covered();
    verdict_.allowed = verdict_.missing.empty();
    return std::move(verdict_);
  }

 private:
  void lack(std::string what, std::string next) { verdict_.missing.push_back({std::move(what), std::move(next)}); }
  void reject(const std::string& digest, std::string why) { verdict_.rejected.push_back({digest, std::move(why)}); }

  std::string hil_run(const RequiredSuite& suite) const {
    return fmt::format("lockstep hil run {} --rig RIG --release {}", suite.file.empty() ? suite.name : suite.file, release_.release);
  }

  void weigh(const Evidence& evidence) {
    auto statement = read(evidence);
    if (!statement) return reject(evidence.digest, statement.error().what);
    const RequiredSuite* wanted = required(statement->suite);
    if (wanted == nullptr) return reject(evidence.digest, why_not_required(statement->suite));
    // Only the newest run of a suite counts, so a pass cannot be picked out of many failures that came after it.
    if (const auto older = newest_.find(wanted); older != newest_.end()) {
      reject(older->second.first, "there is newer evidence of this suite: " + evidence.digest);
      newest_.erase(older);
    }
    newest_.emplace(wanted, std::pair(evidence.digest, *std::move(statement)));
  }

  // Errors say why the evidence proves nothing about this release.
  Outcome<Statement> read(const Evidence& evidence) const {
    LOCKSTEP_TRY(verified, attest::verify(evidence.envelope, attest::statement_payload_type, runners_));
    LOCKSTEP_TRY(statement, attest::parse_statement(verified.payload));
    LOCKSTEP_TRY(images, images_of(statement));
    const auto suite = suite_of(statement.result);
    if (!suite) return fail(ErrorKind::refused, "it does not name exactly one suite in its configuration");
    std::string verdict = own_verdict(statement.result);
    if (says_nothing(statement.result, verdict)) return fail(ErrorKind::refused, "the run ended as " + verdict + ", which says nothing about the release");
    Statement out{.suite = *suite, .result = statement.result.result, .verdict = std::move(verdict),
                  .images = std::move(images), .signers = {}};
    for (const attest::TrustedKey& key : verified.signers) out.signers.push_back(key.name);
    return out;
  }

  // The subjects are the manifest, and images of the release, and nothing else.
  Outcome<std::vector<std::string>> images_of(const attest::Statement& statement) const {
    std::vector<std::string> images;
    bool manifest = false;
    for (const attest::Resource& subject : statement.subject) {
      const std::string digest = subject.sha256.hex();
      const auto image = std::find_if(release_.images.begin(), release_.images.end(), [&](const Subject& s) { return s.sha256 == digest; });
      if (image != release_.images.end()) {
        images.push_back(image->name);
      } else if (digest == release_.manifest_sha256) {
        manifest = true;
      } else {
        return fail(ErrorKind::refused, fmt::format("it is about {} with SHA-256 {}, which is not in this release", printable(subject.name), digest));
      }
    }
    if (!manifest) return fail(ErrorKind::refused, "it does not name the release's manifest");
    if (images.empty()) return fail(ErrorKind::refused, "it names no image of the release");
    return images;
  }

  const RequiredSuite* required(const Suite& suite) const {
    for (const RequiredSuite& wanted : policy_.suites) {
      if (wanted.name == suite.name && (wanted.sha256.empty() || wanted.sha256 == suite.sha256)) return &wanted;
    }
    return nullptr;
  }

  std::string why_not_required(const Suite& suite) const {
    for (const RequiredSuite& wanted : policy_.suites) {
      if (wanted.name == suite.name) return fmt::format("it is of another version of suite {}: SHA-256 {}", suite.name, suite.sha256);
    }
    return fmt::format("suite {} is not one that is asked for", printable(suite.name));
  }

  void must_have_passed(const RequiredSuite& suite) {
    const auto found = newest_.find(&suite);
    if (found == newest_.end()) {
      return lack(fmt::format("no valid evidence that suite {} passed for exactly these images", suite.name), hil_run(suite));
    }
    const auto& [digest, statement] = found->second;
    if (statement.result != attest::TestResult::Result::passed) {
      const std::string own = statement.verdict.empty() ? "" : " (" + statement.verdict + ")";
      return lack(fmt::format("the newest evidence of suite {} says {}{}: {}", suite.name, attest::text(statement.result), own, digest),
                  hil_run(suite));
    }
    covered_.insert(statement.images.begin(), statement.images.end());
    verdict_.accepted.push_back({.digest = digest, .suite = suite.name, .images = statement.images, .signers = statement.signers});
  }

  void images_must_be_covered() {
    for (const Subject& image : release_.images) {
      if (covered_.contains(image.name)) continue;
      lack(fmt::format("image {} (SHA-256 {}) was in none of the required test runs", image.name, image.sha256),
           "require a suite that tests it, or " + hil_run(policy_.suites.front()));
    }
  }

  const ReleaseDigests& release_;
  std::span<const attest::TrustedKey> runners_;
  const Policy& policy_;
  Verdict verdict_;
  std::map<const RequiredSuite*, std::pair<std::string, Statement>> newest_;  // with the evidence's digest
  std::set<std::string> covered_;
};

}  // namespace

Verdict evaluate(const ReleaseDigests& release, std::span<const Evidence> evidence,
                 std::span<const attest::TrustedKey> runners, const Policy& policy) {
  return Gate(release, runners, policy).run(evidence);
}

ReleaseDigests digests_of(const release::Release& release) {
  ReleaseDigests out{release.product + '@' + release.version.text(), release.sha256.hex(), {}};
  for (const release::Firmware& f : release.firmware) out.images.push_back({f.component, f.sha256.hex()});
  return out;
}

Tried tried(const ReleaseDigests& release, std::span<const Evidence> evidence, std::span<const attest::TrustedKey> runners) {
  Tried out;
  Policy everything;
  for (const std::string& name : Gate(release, runners, everything).suites(evidence, out.rejected)) {
    everything.suites.push_back({.name = name});
  }
  if (everything.suites.empty()) return out;
  Verdict verdict = evaluate(release, evidence, runners, everything);
  out.accepted = std::move(verdict.accepted);
  if (out.accepted.size() != everything.suites.size()) {
    out.failed = std::move(verdict.missing);
    return out;
  }
  std::set<std::string> images;
  for (const Accepted& one : out.accepted) images.insert(one.images.begin(), one.images.end());
  out.images.assign(images.begin(), images.end());
  return out;
}

std::string Verdict::summary() const {
  if (allowed) {
    std::string suites;
    for (const Accepted& one : accepted) suites += (suites.empty() ? "" : ", ") + one.suite;
    return "allowed: passed " + suites;
  }
  std::string lines;
  for (const Lack& one : missing) {
    lines += (lines.empty() ? "" : "\n") + one.what;
    if (!one.next.empty()) lines += "; next: " + one.next;
  }
  return lines;
}

}  // namespace lockstep::gate
