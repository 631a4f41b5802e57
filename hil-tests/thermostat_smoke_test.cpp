// The suite thermostat-smoke on the rig qemu-an385: the real firmware, the real updater, a Cortex-M3 in QEMU.
#include <doctest/doctest.h>

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/base/json.hpp"
#include "host/base/temp_dir.hpp"
#include "host/base/text.hpp"
#include "host/hil/engine.hpp"
#include "host/hil/real_equipment.hpp"
#include "host/hil/schema.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/attest/statement.hpp"
#include "manifests/release/release.hpp"
#include "manifests/xml/xsd.hpp"
#include "protocols/mcuboot/build.hpp"

using namespace lockstep;
namespace asio = boost::asio;

namespace {

struct Silent final : hil::ProgressSink {
  void on_progress(const hil::Progress&) override {}
};

template <class T>
T must(Outcome<T> outcome) {
  REQUIRE_MESSAGE(outcome, outcome.error().what);
  return *std::move(outcome);
}

// Signed images, keys and one run; the folder goes with it.
class Bench {
 public:
  PrivateKey image_key = must(PrivateKey::generate());
  PrivateKey runner_key = must(PrivateKey::generate());
  TempDir dir;
  hil::RunRequest request;

  Bench() {
    const std::string folder = LOCKSTEP_SOURCE_DIR "/hil-tests";
    request.suite = must(hil::parse_suite(must(read_text_file(folder + "/suites/thermostat-smoke.xml")), "thermostat-smoke.xml"));
    request.rig = must(hil::parse_rig(must(read_text_file(folder + "/rigs/qemu-an385.xml")), "qemu-an385.xml"));
    request.run_id = "run-1";
    request.run_dir = (dir / "run").string();
    request.rig_values["bin"] = LOCKSTEP_BIN_DIR;
    request.rig_values["image.key"] = (dir / "image.pub.pem").string();
    request.image_keys_pem = {image_key.public_key().pem()};
    request.runner_key_pem = runner_key.pem();
    REQUIRE(write_file(dir / "image.pub.pem", image_key.public_key().pem()));
    request.release = hil::ReleaseRef{"thermostat", "2.0.0", "thermostat-2.0.0.xml", std::string(64, 'b')};
  }

  void give(std::string role, std::string name, std::string_view version, const PrivateKey& key) {
    const Buffer payload = must(read_file(std::filesystem::path(LOCKSTEP_CORTEX_M_DIR) / "bin" / (name + ".bin")));
    const mcuboot::BuildOptions options{.version = *mcuboot::parse_version(version)};
    Buffer image(mcuboot::max_image_size(payload.size(), options));
    MbedCrypto crypto;
    KeySigner signer(key);
    const auto size = mcuboot::build(payload, options, crypto, signer, image);
    REQUIRE(size);
    image.resize(*size);
    const std::string file = (dir / (role + ".bin")).string();
    REQUIRE(write_file(file, image));
    const std::string sha256 = Sha256::of(Bytes(image)).hex();
    request.artifacts.push_back({role, "app", name + ".signed.bin", file, sha256});
    request.releases.emplace(role, must(release::parse(manifest(version, image, sha256), role + ".xml")));
  }

  // It works with an app from 5.2 on; the rig says which one is used.
  static std::string manifest(std::string_view version, const Buffer& image, const std::string& sha256) {
    mcuboot::MemorySource source{Bytes(image)};
    const auto info = mcuboot::inspect(source);
    REQUIRE(info);
    return fmt::format(R"(<release xmlns="urn:lockstep:release:1" product="thermostat" version="{0}">
  <hardware board="node-m3" revisions="&gt;=1.0.0"/>
  <firmware component="app" version="{0}" file="app.bin" size="{1}" sha256="{2}" image-hash="{3}">
    <from range="&gt;=1.0.0"/>
    <requires component="mobile-app" range="^5.2.0"/>
  </firmware>
  <software component="mobile-app" version="5.3.0" size="3" sha256="{4}">
    <requires component="app" range="&gt;=1.0.0 &lt;3.0.0"/>
  </software>
</release>
)",
                       version, image.size(), sha256, to_hex(Bytes(info->image_hash)), Sha256::of("app").hex());
  }

  hil::RunResult run() {
    asio::io_context io;
    hil::RealEquipment equipment;
    hil::SystemClock clock;
    hil::RunJournal journal;
    Silent progress;
    hil::RunControl control;
    std::optional<Outcome<hil::RunResult>> result;
    std::exception_ptr escaped;
    asio::co_spawn(io, keep(hil::run_suite(request, equipment, clock, journal, progress, control), result),
                   [&](std::exception_ptr e) { escaped = e; });
    io.run();
    if (escaped) std::rethrow_exception(escaped);
    REQUIRE_MESSAGE(*result, result->error().what);
    return **result;
  }

  std::string file(std::string_view name) const { return must(read_text_file(dir.path() / "run" / name)); }

 private:
  static asio::awaitable<void> keep(asio::awaitable<Outcome<hil::RunResult>> task, std::optional<Outcome<hil::RunResult>>& out) {
    out.emplace(co_await std::move(task));
  }
};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("release 2.0.0 passes the smoke suite on the emulated board, with evidence") {
  Bench bench;
  bench.give("baseline", "thermostat-1.0", "1.0.0", bench.image_key);
  bench.give("candidate", "thermostat-2.0", "2.0.0", bench.image_key);
  const hil::RunResult result = bench.run();
  CHECK_MESSAGE(result.verdict == hil::Verdict::passed, result.reason, "\n", bench.file("results.json"), "\n",
                bench.file("console-log.log"));
  CHECK(result.tests.size() == 6);
  const auto verified = must(attest::verify(bench.file("evidence.dsse"), attest::statement_payload_type,
                                            std::vector<attest::TrustedKey>{{"runner", bench.runner_key.public_key()}}));
  const auto statement = must(attest::parse_statement(verified.payload));
  CHECK(statement.result.result == attest::TestResult::Result::passed);
  CHECK(statement.subject.size() == 2);
  CHECK(contains(bench.file("console-log.log"), "boot: lockstep on mps2-an385"));
  CHECK(contains(bench.file("update-smp-1.jsonl"), "\"state\":\"succeeded\""));
  CHECK(contains(bench.file("update-smp-1.plan.json"), "\"activate\""));
}

TEST_CASE("an image that the board does not trust fails the suite, and the reason names the signature") {
  Bench bench;
  bench.give("baseline", "thermostat-1.0", "1.0.0", bench.image_key);
  bench.give("candidate", "thermostat-2.0", "2.0.0", bench.runner_key);
  const hil::RunResult result = bench.run();
  CHECK(result.verdict == hil::Verdict::failed);
  CHECK_MESSAGE(contains(result.reason, "sign"), result.reason);
  CHECK(result.tests.at(2).verdict == hil::Verdict::skipped);
}

TEST_CASE("a release that hangs after boot fails the suite, because the board went back by itself") {
  Bench bench;
  bench.give("baseline", "thermostat-1.0", "1.0.0", bench.image_key);
  bench.give("candidate", "thermostat-2.1-hang", "2.1.0", bench.image_key);
  const hil::RunResult result = bench.run();
  CHECK(result.verdict == hil::Verdict::failed);
  CHECK_MESSAGE(contains(result.reason, "the update ended as reverted, expected succeeded"), result.reason);
  CHECK(contains(bench.file("console-log.log"), "action=reverted"));
  CHECK(contains(bench.file("evidence.dsse"), "payload"));
}

TEST_CASE("an update that would leave the app behind that is used on the rig is not begun") {
  Bench bench;
  bench.give("baseline", "thermostat-1.0", "1.0.0", bench.image_key);
  bench.give("candidate", "thermostat-2.0", "2.0.0", bench.image_key);
  bench.request.rig.dut.software["mobile-app"] = "5.1.0";
  const hil::RunResult result = bench.run();
  CHECK(result.verdict == hil::Verdict::failed);
  CHECK_MESSAGE(contains(result.reason, "mobile-app"), result.reason);
  CHECK_FALSE(contains(bench.file("update-smp-1.jsonl"), "uploading"));
}

TEST_CASE("the suites and rigs here are valid under the schemas that editors get") {
  TempDir dir;
  REQUIRE(write_file(dir / "suite.xsd", xml::xsd(hil::suite_schema())));
  REQUIRE(write_file(dir / "rig.xsd", xml::xsd(hil::rig_schema())));
  const std::string lint = "cd " LOCKSTEP_SOURCE_DIR "/hil-tests && xmllint --noout --schema " + dir.path().string();
  CHECK(std::system((lint + "/suite.xsd suites/*.xml 2>&1").c_str()) == 0);
  CHECK(std::system((lint + "/rig.xsd rigs/*.xml 2>&1").c_str()) == 0);
}

TEST_CASE("without the board's program the run is an error, not a failure of the release") {
  Bench bench;
  bench.give("baseline", "thermostat-1.0", "1.0.0", bench.image_key);
  bench.give("candidate", "thermostat-2.0", "2.0.0", bench.image_key);
  bench.request.rig_values["bin"] = "/no/such/folder";
  const hil::RunResult result = bench.run();
  CHECK(result.verdict == hil::Verdict::error);
  CHECK_MESSAGE(contains(result.reason, "cannot run /no/such/folder/lockstep-board"), result.reason);
}
