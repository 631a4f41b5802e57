// Steps that update, on a fake rig: whose fault an end is, what is looked at before the power goes on, what the evidence names.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "host/base/crypto.hpp"
#include "host/hil/fake_rig.hpp"

using namespace lockstep;
using namespace lockstep::hil;
using fake::contains;
using fake::Scene;
using fake::test_with;

namespace {

// An image of the run; gives its digest.
std::string give(Scene& scene, const std::string& role, const std::string& component) {
  const std::string name = role + "-" + component + ".bin", file = (scene.dir / name).string();
  REQUIRE(write_file(file, name));
  scene.request.artifacts.push_back({role, component, name, file, ""});
  return Sha256::of(name).hex();
}

std::vector<std::string> digests(const std::vector<DigestRecord>& records) {
  std::vector<std::string> out;
  for (const DigestRecord& r : records) out.push_back(r.sha256);
  return out;
}

bool names(const std::vector<DigestRecord>& records, std::string_view name) {
  return std::any_of(records.begin(), records.end(), [&](const DigestRecord& r) { return r.name == name; });
}

}  // namespace

TEST_CASE("the end of an update is the verdict on the device, unless the rig is why") {
  struct Case {
    UpdateReport report;
    std::string_view expect;
    Verdict verdict;
  };
  const Case cases[] = {
      {{UpdateEnd::succeeded, "", false}, "succeeded", Verdict::passed},
      {{UpdateEnd::reverted, "the old image runs", false}, "succeeded", Verdict::failed},
      {{UpdateEnd::reverted, "the old image runs", false}, "reverted", Verdict::passed},
      {{UpdateEnd::unreachable, "silent", false}, "succeeded", Verdict::failed},
      {{UpdateEnd::unreachable, "no link", true}, "succeeded", Verdict::error},
      {{UpdateEnd::failed, "another board answered", true}, "succeeded", Verdict::error},
      {{UpdateEnd::failed, "another board answered", true}, "failed", Verdict::error},
  };
  for (const Case& c : cases) {
    CAPTURE(c.report.reason);
    Scene scene(R"X(<params><param name="image" type="artifact" role="candidate"/></params>)X" +
                test_with("<update expect=\"" + std::string(c.expect) + "\"/>"));
    give(scene, "candidate", "app");
    scene.world.update = c.report;
    CHECK(scene.run().verdict == c.verdict);
  }
}

TEST_CASE("a suite that updates to a release which nobody gave is blocked before the power goes on") {
  Scene scene(test_with(R"X(<update to="baseline"/>)X"));
  const RunResult result = scene.run();
  CHECK(result.verdict == Verdict::blocked);
  CHECK_MESSAGE(contains(result.reason, "updates to the baseline release, and none was given"), result.reason);
  CHECK(scene.world.times_on == 0);
}

TEST_CASE("an update to what is not for the rig is blocked before the power goes on") {
  struct Case {
    std::string_view about, reason;
    std::function<void(RunRequest&)> arrange;
  };
  const auto hardware = [](std::string board, std::string_view revisions) {
    return release::Hardware{.board = std::move(board), .revisions = *version::Range::parse(revisions), .line = 4};
  };
  const Case cases[] = {
      {"product", "is not for the thermostat of rig bench-1", [](RunRequest& r) { r.releases["candidate"].product = "toaster"; }},
      {"board", "is not for board node-m3 1.0 of rig bench-1", [&](RunRequest& r) { r.releases["candidate"].hardware = {hardware("node-m4", "*")}; }},
      {"revision", "is not for board node-m3 1.0 of rig bench-1",
       [&](RunRequest& r) { r.releases["candidate"].hardware = {hardware("node-m3", ">=2.0.0")}; }},
      {"another revision, too", "", [&](RunRequest& r) { r.releases["candidate"].hardware = {hardware("node-m3", ">=2.0.0"), hardware("node-m3", "1.x")}; }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.about);
    Scene scene(test_with("<update/>"));
    c.arrange(scene.request);
    const RunResult result = scene.run();
    CHECK(result.verdict == (c.reason.empty() ? Verdict::passed : Verdict::blocked));
    CHECK_MESSAGE(contains(result.reason, c.reason), result.reason);
    CHECK((scene.world.times_on == 0) == !c.reason.empty());
  }
}

TEST_CASE("software of a rig that no release of the run describes is no software that is used") {
  Scene scene(test_with("<update/>"));
  scene.rig.replace(scene.rig.find("<power"), 0, R"X(<software component="mobil-app" version="5.3.0"/>)X");
  scene.request.releases["candidate"].software = {{.component = "mobile-app"}};
  const RunResult result = scene.run();
  CHECK(result.verdict == Verdict::blocked);
  CHECK_MESSAGE(contains(result.reason, "did you mean mobile-app?"), result.reason);
}

TEST_CASE("software that a release only declares may be used on a rig, too") {
  Scene scene(test_with("<update/>"));
  scene.rig.replace(scene.rig.find("<power"), 0, R"X(<software component="backend" version="1.0.0"/>)X");
  scene.request.releases["candidate"].components = {{.name = "backend", .kind = release::Kind::service}};
  CHECK(scene.run().verdict == Verdict::passed);
}

TEST_CASE("the evidence names all images that an update may bring, also those that no parameter asks for") {
  Scene scene(R"X(<params><param name="image" type="artifact" role="candidate" component="app"/></params>)X" +
              test_with("<update/>"));
  scene.request.releases["baseline"] = scene.request.releases["candidate"];
  const std::string app = give(scene, "candidate", "app"), radio = give(scene, "candidate", "radio");
  const std::string old = give(scene, "baseline", "app");
  const RunResult result = scene.run();
  CHECK_MESSAGE(result.verdict == Verdict::passed, result.reason);
  CHECK(digests(result.subjects) == std::vector{app, radio});
  const auto used = digests(result.configuration);
  CHECK(std::find(used.begin(), used.end(), old) != used.end());  // a plan may stop there
  CHECK(names(result.configuration, "baseline thermostat@0.0.0.xml"));
}

TEST_CASE("an image whose update must not last does not count as tested") {
  for (const std::string end : {"reverted", "failed"}) {
    CAPTURE(end);
    Scene scene(test_with("<update expect=\"" + end + "\"/>"));
    scene.world.update = {end == "reverted" ? UpdateEnd::reverted : UpdateEnd::failed, "as it should", false};
    const std::string app = give(scene, "candidate", "app");
    const RunResult result = scene.run();
    CHECK_MESSAGE(result.verdict == Verdict::passed, result.reason);
    CHECK(result.subjects.empty());
    CHECK(names(result.configuration, "candidate candidate-app.bin"));
  }
}
