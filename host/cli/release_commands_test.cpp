#include "host/base/crypto.hpp"
#include "host/cli/program_test.hpp"

namespace lockstep::cli {
namespace {

using namespace test;

constexpr std::string_view draft = R"(<?xml version="1.0" encoding="UTF-8"?>
<release xmlns="urn:lockstep:release:1" product="thermostat" version="2.0.0" title="Weekly schedules">
  <hardware board="node-m3" revisions="&gt;=1"/>
  <firmware component="app" version="2.0.0" file="app.signed.bin">
    <from range="&gt;=1.0.0 &lt;2.0.0"/>
    <requires component="mobile-app" range="^5.2.0"/>
  </firmware>
  <software component="mobile-app" platform="android" version="5.3.0" file="app.apk">
    <requires component="app" range="&gt;=1.0.0 &lt;3.0.0"/>
  </software>
</release>
)";

// A folder with keys, a signed image, an app package and a release that pairs them.
struct Desk {
  Desk() {
    REQUIRE(run(dir, {"key", "new", "image"}).exit_code == 0);
    REQUIRE(run(dir, {"key", "new", "release"}).exit_code == 0);
    REQUIRE(write_file(dir / "app.bin", std::string(3000, 'p')));
    REQUIRE(write_file(dir / "app.apk", "package"));
    REQUIRE(write_file(dir / "draft.xml", draft));
    REQUIRE(run(dir, {"image", "sign", "app.bin", "--key", "image.pem", "--version", "2.0.0", "--security-counter", "4",
                      "-o", "app.signed.bin"}).exit_code == 0);
    const Run filled = run(dir, {"release", "fill", "draft.xml", "-o", "release.xml"});
    REQUIRE_MESSAGE(filled.exit_code == 0, filled.err);
  }
  Run sign() { return run(dir, {"release", "sign", "release.xml", "--key", "release.pem", "-o", "2.0.0.release", "--json"}); }
  // The manifest with one place changed.
  void change(std::string_view from, std::string_view to) {
    std::string text = *read_text_file(dir / "release.xml");
    const std::size_t at = text.find(from);
    REQUIRE(at != text.npos);
    REQUIRE(write_file(dir / "release.xml", text.replace(at, from.size(), to)));
  }
  Run explain(std::vector<std::string> more) {
    std::vector<std::string> words{"release", "explain", "release.xml", "--board", "node-m3", "--revision", "2"};
    words.insert(words.end(), more.begin(), more.end());
    return run(dir, words);
  }
  TempDir dir;
};

TEST_CASE("a draft is filled from its files, and the result has nothing to complain about") {
  Desk desk;
  const Run linted = run(desk.dir, {"release", "lint", "release.xml", "--artefacts", ".", "--json"});
  CHECK_MESSAGE(linted.exit_code == 0, linted.out);
  CHECK(*json_bool(linted.document(), "ok"));
  const std::string text = *read_text_file(desk.dir / "release.xml");
  CHECK(text.find("sha256=\"" + sha256_file(desk.dir / "app.signed.bin")->hex()) != std::string::npos);
  CHECK(text.find("security-counter=\"4\"") != std::string::npos);
  const Run again = run(desk.dir, {"release", "fill", "draft.xml", "-o", "release.xml"});
  CHECK(again.exit_code == 1);
  CHECK(again.says("--force"));
}

TEST_CASE("release lint names contradictions and files that are not what the manifest says, with lines") {
  Desk desk;
  desk.change("\"^5.2.0\"", "\"^6.0.0\"");
  const Run linted = run(desk.dir, {"release", "lint", "release.xml"});
  CHECK(linted.exit_code == 1);
  CHECK(linted.out.starts_with("release.xml:6: error: app 2.0.0 requires mobile-app ^6.0.0, but the release has only "
                               "mobile-app 5.3.0 (android) (line 8)"));
  CHECK(linted.says("lockstep: release.xml has 1 finding"));
  desk.change("\"^6.0.0\"", "\"^5.2.0\"");

  REQUIRE(write_file(desk.dir / "app.apk", "packagE"));
  std::filesystem::remove(desk.dir / "app.signed.bin");
  const Run files = run(desk.dir, {"release", "lint", "release.xml", "--artefacts", "."});
  CHECK(files.exit_code == 1);
  CHECK(files.out.find("release.xml:4: error: app.signed.bin is not in .\n") != std::string::npos);
  CHECK(files.out.find("release.xml:8: error: sha256 is ") != std::string::npos);
}

TEST_CASE("release lint lists every mistake of a file that is no manifest") {
  Desk desk;
  desk.change("<from range", "<form range");
  desk.change("version=\"2.0.0\" title", "version=\"2\" title");
  const Run linted = run(desk.dir, {"release", "lint", "release.xml", "--json"});
  CHECK(linted.exit_code == 1);
  CHECK(json_array(linted.document(), "findings").operator*()->size() == 2);
  const Run text = run(desk.dir, {"release", "lint", "release.xml"});
  CHECK(text.out ==
        "release.xml:2: <release>: attribute \"version\" is \"2\": expected a SemVer version such as 1.4.2\n"
        "release.xml:5: <form>: unknown element <form> inside <firmware>; did you mean \"from\"?\n");
}

TEST_CASE("what release sign writes, release show believes under its key only") {
  Desk desk;
  const Run made = desk.sign();
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK(made.text("sha256") == sha256_file(desk.dir / "release.xml")->hex());

  const Run shown = run(desk.dir, {"release", "show", "2.0.0.release", "--key", "release.pub.pem", "--json"});
  CHECK(shown.exit_code == 0);
  CHECK(*json_bool(shown.document(), "verified"));
  CHECK(shown.text("product") == "thermostat");
  const Run other = run(desk.dir, {"release", "show", "2.0.0.release", "--key", "image.pub.pem"});
  CHECK(other.exit_code == 1);
  CHECK(other.says("which is not trusted here"));
  const Run bare = run(desk.dir, {"release", "show", "release.xml", "--key", "release.pub.pem"});
  CHECK(bare.exit_code == 1);
  CHECK(bare.says("release.xml is not signed"));
  const Run unchecked = run(desk.dir, {"release", "show", "2.0.0.release"});
  CHECK(unchecked.exit_code == 0);
  CHECK(unchecked.says("the signature was not checked"));
  CHECK(unchecked.out.find("(not checked)") != std::string::npos);
}

TEST_CASE("release show says how components are updated, when requirements hold, and what happens to data") {
  TempDir dir;
  const std::string file = LOCKSTEP_SOURCE_DIR "/manifests/examples/gateway-2.0.0.xml";
  const Run shown = run(dir, {"release", "show", file});
  REQUIRE_MESSAGE(shown.exit_code == 0, shown.err);
  const auto says = [&](std::string_view words) { return shown.out.find(words) != std::string::npos; };
  CHECK_MESSAGE(says("firmware  radio                 single via app, 0 reboots  2.0.0  "), shown.out);
  CHECK_MESSAGE(says("software  mobile-app (android)  app                        4.1.0  "), shown.out);
  CHECK(says("  app >=2.0.0, app >=1.0.0 (during-flash)  "));
  CHECK(says(", bootloader >=1.1.0 (installed), mobile-app >=4.1.0  "));
  CHECK(says("app 2.0.0 reads data of the epochs 1 to 2 and moves them to epoch 2 when it is finalised (" + file + ":16)\n"));
  CHECK(says("bootloader 1.1.0 is one-way: once it is finalised nobody goes back (" + file + ":9)\n"));

  const json::object document = run(dir, {"release", "show", file, "--json"}).document();
  CHECK(document.at("components").at(2) ==
        json::value{{"component", "radio"}, {"kind", "single"}, {"line", 6}, {"via", "app"}, {"reboots", 0}});
  const json::value& app = document.at("firmware").at(1);
  CHECK(app.at("kind") == "ab-trial");
  CHECK(app.at("one_way") == false);
  CHECK(app.at("data") ==
        json::value{{"reads_from", 1}, {"reads_to", 2}, {"line", 16}, {"writes", 2}, {"migrates", "finalise"}});
  CHECK(app.at("requires").at(0).at("when") == "active");
  CHECK(app.at("requires").at(1).at("when") == "installed");
  CHECK(document.at("firmware").at(0).at("one_way") == true);
  CHECK(document.at("software").at(1).at("kind") == "app");
}

TEST_CASE("release show names components that are said but not brought, and data that move at boot") {
  Desk desk;
  desk.change("<firmware component=\"app\"", "<component name=\"radio\" kind=\"ab-late\"/>\n  <firmware component=\"app\"");
  desk.change("    <requires component=\"mobile-app\"", "    <data reads-from=\"1\" reads-to=\"1\"/>\n    <requires component=\"mobile-app\"");
  const Run kept = run(desk.dir, {"release", "show", "release.xml"});
  CHECK_MESSAGE(kept.out.find("\nfirmware  radio                 ab-late   -\n") != std::string::npos, kept.out);
  CHECK_MESSAGE(kept.out.find("app 2.0.0 reads data of epoch 1 and leaves them as they are (release.xml:7)\n") != std::string::npos, kept.out);
  desk.change("reads-to=\"1\"", "reads-to=\"2\" writes=\"2\" migrates=\"boot\"");
  CHECK(run(desk.dir, {"release", "show", "release.xml"}).out.find("and moves them to epoch 2 at its first boot") != std::string::npos);
}

TEST_CASE("one flipped bit in a signed release is refused") {
  Desk desk;
  REQUIRE(desk.sign().exit_code == 0);
  const std::string good = *read_text_file(desk.dir / "2.0.0.release");
  for (std::size_t bit = 0; bit < good.size() * 8; bit += good.size() / 4 * 8 + 3) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(static_cast<unsigned char>(bad[bit / 8]) ^ (1u << (bit % 8)));
    REQUIRE(write_file(desk.dir / "bad.release", bad));
    CAPTURE(bit);
    CHECK(run(desk.dir, {"release", "show", "bad.release", "--key", "release.pub.pem"}).exit_code == 1);
  }
}

TEST_CASE("nobody signs a release that contradicts itself") {
  Desk desk;
  desk.change("\"^5.2.0\"", "\"^6.0.0\"");
  const Run refused = desk.sign();
  CHECK(refused.exit_code == 1);
  CHECK(refused.says("release.xml:6: error: app 2.0.0 requires mobile-app ^6.0.0"));
  CHECK(refused.says("next: correct the manifest; it was not signed"));
  CHECK_FALSE(std::filesystem::exists(desk.dir / "2.0.0.release"));
}

TEST_CASE("release explain says yes with the derivation, and no with what would help") {
  Desk desk;
  const Run yes = desk.explain({"--device", "app=1.4.0", "--software", "mobile-app@android=5.3.0"});
  CHECK_MESSAGE(yes.exit_code == 0, yes.err);
  CHECK(yes.out.find("Yes: app 2.0.0 (now 1.4.0), mobile-app 5.3.0.\n") != std::string::npos);

  const Run no = desk.explain({"--device", "app=1.4.0.77", "--software", "mobile-app=5.1.0", "--name", "board-3"});
  CHECK(no.exit_code == 1);
  CHECK(no.out.find("NO      app 2.0.0 requires mobile-app ^5.2.0, but mobile-app 5.1.0 is in use (release.xml:6); ok when "
                    "everybody uses mobile-app 5.3.0 of this release (release.xml:8)") != std::string::npos);
  CHECK(no.says("lockstep: board-3 may not get thermostat 2.0.0"));

  const Run counter = desk.explain({"--device", "app=1.4.0", "--counter", "app=5", "--software", "mobile-app=5.3.0", "--json"});
  CHECK(counter.exit_code == 1);
  CHECK_FALSE(*json_bool(counter.document(), "yes"));
}

TEST_CASE("release explain refuses what is no version, pair or counter as wrong usage") {
  Desk desk;
  CHECK(desk.explain({"--device", "app=1.x"}).exit_code == 2);
  CHECK(desk.explain({"--device", "app"}).exit_code == 2);
  CHECK(desk.explain({"--device", "app=1.0.0", "--software", "=1.0.0"}).exit_code == 2);
  CHECK(desk.explain({"--device", "app=1.0.0", "--counter", "app=-1"}).exit_code == 2);
  CHECK(desk.explain({}).exit_code == 2);
  const Run stranger = desk.explain({"--device", "app=1.0.0", "--counter", "radio=1"});
  CHECK(stranger.exit_code == 1);
  CHECK(stranger.says("--counter names \"radio\", which is not installed"));
}

TEST_CASE("release schema prints what an editor can load") {
  TempDir dir;
  const Run schema = run(dir, {"release", "schema"});
  CHECK(schema.exit_code == 0);
  CHECK(schema.out.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xs:schema "));
}

}  // namespace
}  // namespace lockstep::cli
