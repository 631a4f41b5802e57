#include "host/cli/program_test.hpp"

namespace lockstep::cli {
namespace {

using namespace test;

const std::string gateways = LOCKSTEP_SOURCE_DIR "/manifests/fleet/corpus/fleet_file_fuzz/gateways.json";

TEST_CASE("rehearse --fleet shows the stages, what each waits for, and who sleeps") {
  TempDir dir;
  REQUIRE(write_file(dir / "one.xml", *read_text_file(LOCKSTEP_SOURCE_DIR "/manifests/examples/gateway-1.0.0.xml")));
  REQUIRE(write_file(dir / "two.xml", *read_text_file(LOCKSTEP_SOURCE_DIR "/manifests/examples/gateway-2.0.0.xml")));
  std::vector<std::string> words{"rehearse", "2.0.0", "--fleet", gateways, "--release", "one.xml", "--release", "two.xml", "--finalise"};
  const Run shown = run(dir, words);
  REQUIRE_MESSAGE(shown.exit_code == 0, shown.err);
  CHECK(shown.out.starts_with("gateway 2.0.0\n\nSchedule of the fleet, one stage after the other\n 1. expand: "));
  CHECK(shown.out.find("wait until at most 1 of 25 paired devices use mobile-app@android 4.0.0 (25 do now)") != std::string::npos);
  CHECK(shown.out.find("while it is in use, stage ") != std::string::npos);
  CHECK(shown.out.find("gw-1, gw-2 and 38 more: ") != std::string::npos);
  CHECK(shown.out.find("asleep cellar-3: ") != std::string::npos);
  CHECK(shown.out.find("certified: ") != std::string::npos);

  words.push_back("--json");
  const Run document = run(dir, words);
  REQUIRE(document.exit_code == 0);
  CHECK(document.text("release") == "gateway 2.0.0");
  CHECK(*json_bool(document.document(), "complete"));
}

TEST_CASE("rehearse --fleet ends with 1 when somebody is left, and names them") {
  TempDir dir;
  REQUIRE(write_file(dir / "one.xml", *read_text_file(LOCKSTEP_SOURCE_DIR "/manifests/examples/gateway-1.0.0.xml")));
  REQUIRE(write_file(dir / "two.xml", *read_text_file(LOCKSTEP_SOURCE_DIR "/manifests/examples/gateway-2.0.0.xml")));
  std::string text = *read_text_file(gateways);
  const std::string from = "\"offline\": true,", to = "\"offline\": true, \"software\": {\"mobile-app@ios\": [\"4.0.0\"]},";
  REQUIRE(write_file(dir / "fleet.json", text.replace(text.find(from), from.size(), to)));
  std::vector<std::string> words{"rehearse", "2.0.0", "--fleet", "fleet.json", "--release", "one.xml", "--release", "two.xml"};
  const Run held = run(dir, words);
  CHECK(held.exit_code == 1);
  CHECK(held.out.find("not together with cellar-3 (asleep, last seen with mobile-app@ios 4.0.0)") != std::string::npos);
  CHECK(held.out.find("Everybody else could go if these were left behind (--may-strand)\n  - unserved cellar-3") != std::string::npos);
  for (const char* word : {"--may-strand", "1"}) words.push_back(word);
  const Run gone = run(dir, words);
  CHECK(gone.exit_code == 1);
  CHECK(gone.out.find("migrate:") != std::string::npos);
  CHECK(gone.out.find("unserved cellar-3, from stage ") != std::string::npos);

  // A name cannot forge a line.
  std::string forged = *read_text_file(gateways);
  REQUIRE(write_file(dir / "fleet.json", forged.replace(forged.find("\"gw-2\""), 6, "\"gw-2\\n 9. end\"")));
  CHECK(run(dir, words).out.find("gw-2\\x0a 9. end") != std::string::npos);

  REQUIRE(write_file(dir / "bad.json", "{\"format\": \"lockstep-fleet\""));
  words[3] = "bad.json";
  CHECK(run(dir, words).says("bad.json: "));
  CHECK(run(dir, {"rehearse", "2.0.0", "--everything"}).exit_code == 2);
}

}  // namespace
}  // namespace lockstep::cli
