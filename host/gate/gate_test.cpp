#include "host/gate/gate.hpp"

#include <doctest/doctest.h>

#include "host/base/crypto.hpp"
#include "host/gate/tested_versions.hpp"

using namespace lockstep;
using namespace lockstep::gate;

namespace {

struct Keys {
  PrivateKey runner = *PrivateKey::generate();
  PrivateKey stranger = *PrivateKey::generate();
  std::vector<attest::TrustedKey> trusted = {{"rig-3", runner.public_key()}};
};
const Keys& keys() {
  static const Keys made;
  return made;
}

const Sha256 manifest = Sha256::of("manifest"), app = Sha256::of("app 2.0"), radio = Sha256::of("radio 2.0"),
             suite = Sha256::of("suite");

ReleaseDigests thermostat() {
  return {.release = "thermostat@2.0.0", .manifest_sha256 = manifest.hex(), .images = {{"app", app.hex()}, {"radio", radio.hex()}}};
}

const Policy smoke = {.suites = {{.name = "smoke"}}};

attest::Statement statement() {
  attest::Statement s;
  s.subject = {{"release.xml", manifest}, {"app.bin", app}, {"radio.bin", radio}};
  s.result = {.result = attest::TestResult::Result::passed,
              .configuration = {{"suite smoke@1.0", suite}, {"rig qemu", Sha256::of("rig")}},
              .passed_tests = {"boots"}};
  return s;
}

Evidence sign(const attest::Statement& s, const PrivateKey& key = keys().runner) {
  const std::vector<PrivateKey> signers{key};
  const auto envelope = attest::sign(std::string(attest::statement_payload_type), attest::to_json(s), signers);
  REQUIRE(envelope);
  const std::string text = attest::to_json(*envelope);
  return {.digest = Sha256::of(text).hex(), .envelope = text};
}

Verdict ask(const std::vector<Evidence>& evidence, const Policy& policy = smoke) {
  return evaluate(thermostat(), evidence, keys().trusted, policy);
}

// The one reason why evidence of this statement does not count.
std::string refusal(const attest::Statement& s, const PrivateKey& key = keys().runner) {
  const Verdict verdict = ask({sign(s, key)});
  CHECK_FALSE(verdict.allowed);
  CHECK_FALSE(verdict.missing.empty());
  REQUIRE(verdict.rejected.size() == 1);
  return verdict.rejected[0].why;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("signed evidence that names exactly the release's digests lets it through") {
  const Verdict verdict = ask({sign(statement())});
  CHECK(verdict.allowed);
  CHECK(verdict.missing.empty());
  REQUIRE(verdict.accepted.size() == 1);
  CHECK(verdict.accepted[0].suite == "smoke");
  CHECK(verdict.accepted[0].images == std::vector<std::string>{"app", "radio"});
  CHECK(verdict.accepted[0].signers == std::vector<std::string>{"rig-3"});
  CHECK(verdict.summary() == "allowed: passed smoke");
}

TEST_CASE("without evidence the answer says what is missing and which command supplies it") {
  const Verdict verdict = ask({});
  CHECK_FALSE(verdict.allowed);
  REQUIRE(verdict.missing.size() == 1);
  CHECK(verdict.missing[0].what == "no valid evidence that suite smoke passed for exactly these images");
  CHECK(verdict.missing[0].next == "lockstep hil run smoke --rig RIG --release thermostat@2.0.0");
  CHECK(verdict.summary() == verdict.missing[0].what + "; next: " + verdict.missing[0].next);
}

TEST_CASE("a policy that asks for nothing lets nothing through") {
  const Verdict verdict = ask({sign(statement())}, {});
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.missing[0].what == "no test suite is required, so nothing proves this release");
}

TEST_CASE("evidence by an unknown key does not count, nor does it when no key is trusted") {
  const std::string why = refusal(statement(), keys().stranger);
  CAPTURE(why);
  CHECK(has(why, "key"));
  CHECK_FALSE(evaluate(thermostat(), std::vector{sign(statement())}, {}, smoke).allowed);
}

TEST_CASE("one flipped bit anywhere in the evidence closes the gate") {
  const Evidence good = sign(statement());
  REQUIRE(ask({good}).allowed);
  for (std::size_t byte = 0; byte < good.envelope.size(); ++byte) {
    Evidence flipped = good;
    flipped.envelope[byte] = static_cast<char>(flipped.envelope[byte] ^ (1 << (byte % 8)));
    CAPTURE(byte);
    CHECK_FALSE(ask({flipped}).allowed);
  }
}

TEST_CASE("evidence about other bytes does not count: an image, the manifest, or something besides") {
  attest::Statement s = statement();
  s.subject[1].sha256 = Sha256::of("app 2.1");
  CHECK(has(refusal(s), "it is about app.bin with SHA-256"));
  s = statement();
  s.subject[0].sha256 = Sha256::of("another manifest");
  CHECK(has(refusal(s), "it is about release.xml"));
  s = statement();
  s.subject.erase(s.subject.begin());
  CHECK(refusal(s) == "it does not name the release's manifest");
  s = statement();
  s.subject.resize(1);
  CHECK(refusal(s) == "it names no image of the release");
  s = statement();
  s.subject.push_back({"other.bin", Sha256::of("other")});
  CHECK(has(refusal(s), "it is about other.bin"));
}

TEST_CASE("file names do not matter, digests do") {
  attest::Statement s = statement();
  for (attest::Resource& subject : s.subject) subject.name = "renamed " + subject.name;
  CHECK(ask({sign(s)}).allowed);
}

TEST_CASE("a run that did not pass closes the gate and is named") {
  attest::Statement s = statement();
  s.result.result = attest::TestResult::Result::failed;
  s.result.passed_tests = {};
  s.result.failed_tests = {"boots"};
  const Evidence failed = sign(s);
  const Verdict verdict = ask({failed});
  CHECK_FALSE(verdict.allowed);
  CHECK(verdict.missing[0].what == "the newest evidence of suite smoke says FAILED: " + failed.digest);

  s.result.result = attest::TestResult::Result::warned;
  s.result.failed_tests = {};
  s.result.warned_tests = {"boots"};
  s.result.extension = {{"hil.run", {{"verdict", "passed-unstable"}}}};
  CHECK(has(ask({sign(s)}).missing[0].what, "says WARNED (passed-unstable)"));
}

TEST_CASE("the newest evidence of a suite counts, in both directions, and strangers cannot interfere") {
  attest::Statement bad = statement();
  bad.result.result = attest::TestResult::Result::failed;
  bad.result.passed_tests = {};
  bad.result.failed_tests = {"boots"};
  const Evidence pass = sign(statement()), failed = sign(bad);
  CHECK(ask({failed, pass}).allowed);
  const Verdict verdict = ask({pass, failed});
  CHECK_FALSE(verdict.allowed);
  REQUIRE(verdict.rejected.size() == 1);
  CHECK(verdict.rejected[0].why == "there is newer evidence of this suite: " + failed.digest);
  CHECK(ask({pass, sign(bad, keys().stranger)}).allowed);
}

TEST_CASE("a cancelled run takes no earlier pass away, unless a test had failed in it") {
  attest::Statement cancelled = statement();
  cancelled.result.result = attest::TestResult::Result::warned;
  cancelled.result.passed_tests = {};
  cancelled.result.extension = {{"hil.run", {{"verdict", "cancelled"}}}};
  CHECK(ask({sign(statement()), sign(cancelled)}).allowed);
  CHECK_FALSE(ask({sign(cancelled)}).allowed);
  CHECK(refusal(cancelled) == "the run ended as cancelled, which says nothing about the release");
  cancelled.result.failed_tests = {"boots"};
  CHECK_FALSE(ask({sign(statement()), sign(cancelled)}).allowed);
}

TEST_CASE("every required suite must have passed, in the required version") {
  const Policy both = {.suites = {{.name = "smoke"}, {.name = "soak"}}};
  const Verdict half = ask({sign(statement())}, both);
  CHECK_FALSE(half.allowed);
  REQUIRE(half.missing.size() == 1);
  CHECK(has(half.missing[0].what, "suite soak"));
  CHECK(half.missing[0].next == "lockstep hil run soak --rig RIG --release thermostat@2.0.0");

  attest::Statement soak = statement();
  soak.result.configuration[0].name = "suite soak@2";
  CHECK(ask({sign(statement()), sign(soak)}, both).allowed);
  CHECK(has(refusal(soak), "suite soak is not one that is asked for"));

  const Policy exact = {.suites = {{.name = "smoke", .sha256 = suite.hex()}}};
  CHECK(ask({sign(statement())}, exact).allowed);
  attest::Statement changed = statement();
  changed.result.configuration[0].sha256 = Sha256::of("suite, made easier");
  const Verdict verdict = ask({sign(changed)}, exact);
  CHECK_FALSE(verdict.allowed);
  CHECK(has(verdict.rejected[0].why, "another version of suite smoke"));
}

TEST_CASE("evidence must name one suite") {
  attest::Statement s = statement();
  s.result.configuration.erase(s.result.configuration.begin());
  CHECK(refusal(s) == "it does not name exactly one suite in its configuration");
  s = statement();
  s.result.configuration.push_back({"suite soak@1", suite});
  CHECK(refusal(s) == "it does not name exactly one suite in its configuration");
}

TEST_CASE("every image must have been in one of the required runs") {
  attest::Statement only_app = statement();
  only_app.subject.pop_back();
  const Verdict verdict = ask({sign(only_app)});
  CHECK_FALSE(verdict.allowed);
  CHECK(has(verdict.missing[0].what, "image radio (SHA-256 " + radio.hex() + ") was in none of the required test runs"));

  attest::Statement only_radio = statement();
  only_radio.subject.erase(only_radio.subject.begin() + 1);
  only_radio.result.configuration[0].name = "suite radio@1";
  CHECK(ask({sign(only_app), sign(only_radio)}, {.suites = {{.name = "smoke"}, {.name = "radio"}}}).allowed);
}

TEST_CASE("a release envelope or noise among the evidence is refused, and harms nothing") {
  const std::vector<PrivateKey> signers{keys().runner};
  const auto other = attest::sign("application/vnd.lockstep.release+xml", attest::to_json(statement()), signers);
  REQUIRE(other);
  const Verdict verdict = ask({{.digest = "1", .envelope = attest::to_json(*other)}, {.digest = "2", .envelope = "noise"}, sign(statement())});
  CHECK(verdict.allowed);
  CHECK(verdict.rejected.size() == 2);
}

TEST_CASE("when nobody names suites, whatever was tried must have passed, by the newest evidence of each") {
  const auto ask_tried = [](const std::vector<Evidence>& evidence) { return tried(thermostat(), evidence, keys().trusted); };
  CHECK(ask_tried({}).images.empty());
  CHECK(ask_tried({sign(statement())}).images == std::vector<std::string>{"app", "radio"});
  CHECK(ask_tried({sign(statement(), keys().stranger)}).images.empty());

  attest::Statement soak = statement();
  soak.result.configuration[0].name = "suite soak@2";
  soak.subject.pop_back();
  CHECK(ask_tried({sign(soak)}).images == std::vector<std::string>{"app"});
  const Tried both = ask_tried({sign(statement()), sign(soak)});
  CHECK(both.images == std::vector<std::string>{"app", "radio"});
  CHECK(both.accepted.size() == 2);

  attest::Statement bad = soak;
  bad.result.result = attest::TestResult::Result::failed;
  bad.result.passed_tests = {};
  bad.result.failed_tests = {"boots"};
  const Tried failed = ask_tried({sign(soak), sign(statement()), sign(bad)});
  CHECK(failed.images.empty());
  REQUIRE(failed.failed.size() == 1);
  CHECK(has(failed.failed[0].what, "the newest evidence of suite soak says FAILED"));
  CHECK(ask_tried({sign(bad), sign(statement()), sign(soak)}).images == std::vector<std::string>{"app", "radio"});
}

TEST_CASE("evidence of another release takes nothing from this one") {
  attest::Statement bad = statement();
  bad.subject[0].sha256 = Sha256::of("another manifest");
  bad.result.result = attest::TestResult::Result::failed;
  bad.result.passed_tests = {};
  bad.result.failed_tests = {"boots"};
  const Tried got = tried(thermostat(), std::vector{sign(statement()), sign(bad)}, keys().trusted);
  CHECK(got.images.size() == 2);
  CHECK(got.rejected.size() == 1);
}

TEST_CASE("a release's digests are those of its manifest and its firmware") {
  release::Release r{.product = "thermostat", .version = *version::parse("2.0.0"), .sha256 = manifest};
  r.firmware.push_back({.component = "app", .sha256 = app});
  const ReleaseDigests digests = digests_of(r);
  CHECK(digests.release == "thermostat@2.0.0");
  CHECK(digests.manifest_sha256 == manifest.hex());
  REQUIRE(digests.images.size() == 1);
  CHECK(digests.images[0].sha256 == app.hex());
}

TEST_CASE("versions are collected over releases, and evidence that counts for none of them is named once") {
  release::Release two{.product = "thermostat", .version = *version::parse("2.0.0"), .sha256 = manifest};
  two.firmware.push_back({.component = "app", .version = *version::parse("2.0.1"), .sha256 = app});
  two.firmware.push_back({.component = "radio", .version = *version::parse("1.7.0"), .sha256 = radio});
  release::Release three = two;
  three.version = *version::parse("3.0.0");
  three.sha256 = Sha256::of("manifest of 3.0");
  three.firmware[0] = {.component = "app", .version = *version::parse("3.0.1"), .sha256 = Sha256::of("app 3.0")};

  attest::Statement bad = statement();
  bad.subject = {{"release.xml", three.sha256}, {"app.bin", three.firmware[0].sha256}, {"radio.bin", radio}};
  bad.result.result = attest::TestResult::Result::failed;
  bad.result.passed_tests = {};
  bad.result.failed_tests = {"boots"};
  attest::Statement elsewhere = statement();
  elsewhere.subject[0].sha256 = Sha256::of("another manifest");
  const std::vector<Evidence> evidence{sign(statement()), sign(bad), sign(elsewhere), sign(statement(), keys().stranger)};

  TestedVersions tested;
  tested.add(two, evidence, keys().trusted);
  tested.add(three, evidence, keys().trusted);
  REQUIRE(tested.versions().size() == 2);
  CHECK(tested.versions()[0].component == "app");
  CHECK(tested.versions()[0].version.text() == "2.0.1");
  CHECK(tested.versions()[1].version.text() == "1.7.0");
  REQUIRE(tested.failed().size() == 1);
  CHECK(tested.failed()[0] == "thermostat 3.0.0: the newest evidence of suite smoke says FAILED: " + evidence[1].digest);
  const std::vector<Rejected> rejected = tested.rejected();
  REQUIRE(rejected.size() == 2);
  for (const Rejected& one : rejected) {
    CHECK(one.digest != evidence[0].digest);
    CHECK(one.digest != evidence[1].digest);
  }
}
