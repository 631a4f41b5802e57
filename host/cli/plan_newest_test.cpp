#include "host/base/crypto.hpp"
#include "host/cli/gateway_words_test.hpp"
#include "host/cli/program_test.hpp"
#include "host/store/store.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/attest/statement.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::cli {
namespace {

using namespace test;

const std::string &one = gateway_one, &two = gateway_two;

// The gateway as it was sold, and nobody who names a release.
std::vector<std::string> newest(std::vector<std::string> more = {}) {
  std::vector<std::string> words = make_gateway_plan("newest");
  words.insert(words.end(), {"--software", "mobile-app=4.0.0"});
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// The row of a component, blanks and all.
std::string row(const Run& run, std::string_view component) {
  const std::size_t at = run.out.find(std::string(component) + ' ');
  REQUIRE_MESSAGE(at != std::string::npos, run.out);
  return run.out.substr(at, run.out.find('\n', at) - at);
}

TEST_CASE("plan make --to newest shows what was chosen and the certified plan, which can be checked again") {
  TempDir dir;
  const Run made = run(dir, newest({"-o", "plan.json", "--svg", "plan.svg"}));
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK(made.out.starts_with("COMPONENT           NOW    CHOSEN  WHY NOT NEWER\napp                 1.0.0  2.0.0\n"));
  CHECK(row(made, "mobile-app@ios") == "mobile-app@ios      4.0.0  4.1.0");
  CHECK(has(made.out, "gw-7 (gw-1 revision 1.0.0) to gateway with app 2.0.0, bootloader 1.1.0 and radio 2.0.0\n10 steps: "));
  CHECK(has(made.out, "\ncertified: "));
  const Run checked = run(dir, {"plan", "check", "plan.json", "--release", one, "--release", two});
  CHECK_MESSAGE(checked.exit_code == 0, checked.err);
  CHECK(checked.out == "certified: gw-7 to gateway with app 2.0.0, bootloader 1.1.0 and radio 2.0.0, 10 steps\n");
  CHECK(has(*read_text_file(dir / "plan.svg"), "gw-7 to gateway with app 2.0.0"));
}

TEST_CASE("a held component stays, and its row and those that need it say why") {
  TempDir dir;
  const Run held = run(dir, newest({"--hold", "radio=2.x:battery drain"}));
  REQUIRE_MESSAGE(held.exit_code == 0, held.err);
  CHECK(row(held, "radio") == "radio               1.0.0  1.0.0   2.0.0: hold radio=2.x: battery drain");
  CHECK(has(row(held, "app"), "2.0.0"));
  const Run without_app = run(dir, newest({"--hold", "mobile-app"}));
  REQUIRE_MESSAGE(without_app.exit_code == 0, without_app.err);
  CHECK(has(row(without_app, "app"), "2.0.0: app 2.0.0 requires mobile-app@android >=4.1.0 ("));
  CHECK(row(without_app, "app").ends_with("gateway-2.0.0.xml:19); hold mobile-app"));

  const json::object document = run(dir, newest({"--hold", "mobile-app", "--json"})).document();
  CHECK(*json_text(document, "verdict") == "found");
  CHECK(document.at("choice").at("components").as_array()[0].at("chosen") == "1.0.0");
  CHECK(document.at("plan").at("target") == "newest");
}

TEST_CASE("when nothing goes together the answer is no, with a numbered derivation") {
  TempDir dir;
  const std::vector<std::string> wishes{"--pin", "app=2.x", "--hold", "bootloader:the jig needs it"};
  const Run none = run(dir, newest(wishes));
  CHECK(none.exit_code == 1);
  CHECK(none.out == "no versions for gw-7 go together under what was said:\n"
                    " 1. app 2.0.0 requires bootloader >=1.1.0 (" + two + ":18)\n"
                    " 2. pin app=2.x\n"
                    " 3. hold bootloader: the jig needs it\n"
                    " 4. Together these leave no set; take any one away, and the others leave one.\n");
  CHECK(none.says("there are no versions for gw-7 that go together"));
  std::vector<std::string> words = newest(wishes);
  words.push_back("--json");
  const json::object document = run(dir, words).document();
  CHECK(*json_text(document, "verdict") == "none");
  CHECK(document.at("choice").at("causes").as_array().size() == 3);
}

// Writes a release 3.0.0 whose app comes only from a version that no longer exists.
void write_unreachable(const TempDir& dir) {
  REQUIRE(write_file(dir / "three.xml", "<release xmlns=\"urn:lockstep:release:1\" product=\"gateway\" version=\"3.0.0\">\n"
                                        "  <hardware board=\"gw-1\"/>\n  <firmware component=\"app\" version=\"2.9.0\" file=\"a.bin\" size=\"9\" sha256=\"" +
                                            std::string(64, 'a') + "\" image-hash=\"" + std::string(64, 'b') +
                                            "\" security-counter=\"2\">\n    <from range=\"^2.5.0\"/>\n  </firmware>\n</release>\n"));
}

TEST_CASE("a newer set that no plan leads to is passed over and said; when it was pinned the answer is no") {
  TempDir dir;
  write_unreachable(dir);
  const Run made = run(dir, newest({"--release", "three.xml"}));
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK(row(made, "app") == "app                 1.0.0  2.0.0   2.9.0: no certified plan leads to a set with it");
  CHECK(has(made.out, "\nnewer, but no certified plan leads there:\n 1. app 2.9.0: app 2.9.0 comes directly only from ^2.5.0 (three.xml:4)\n"));
  CHECK(has(made.out, "\ncertified: "));

  const Run pinned = run(dir, newest({"--release", "three.xml", "--pin", "app=2.9.x"}));
  CHECK(pinned.exit_code == 1);
  CHECK(pinned.out == "no plan takes gw-7 to any set of versions that go together:\n"
                      "  - app 2.9.0 cannot be reached: app 2.9.0 comes directly only from ^2.5.0 (three.xml:4)\n");
  CHECK(pinned.says("lockstep plan why-not with the same options says what would help"));
}

std::vector<std::string> as(std::string verb, std::vector<std::string> words) {
  words[1] = std::move(verb);
  return words;
}

TEST_CASE("plan explain --to newest accounts for the plan to the chosen set; why-not says why nothing newer") {
  TempDir dir;
  write_unreachable(dir);
  const std::vector<std::string> words = newest({"--release", "three.xml", "--hold", "radio=2.x:battery drain"});
  const Run told = run(dir, as("explain", words));
  REQUIRE_MESSAGE(told.exit_code == 0, told.err);
  for (const char* title : {"Why nothing newer\n 1. ", "Why these stops\n 1. ", "Why this order\n 1. ", "What if it fails here\n 1. "}) {
    CHECK_MESSAGE(has(told.out, title), told.out);
  }
  const Run why_not = run(dir, as("why-not", words));
  REQUIRE_MESSAGE(why_not.exit_code == 0, why_not.err);
  CHECK(why_not.out == "Why nothing newer\n"
                       " 1. app 2.0.0, not 2.9.0: no certified plan leads to a set with it\n"
                       " 2. radio 1.0.0, not 2.0.0: hold radio=2.x: battery drain\n"
                       "\nNewer, but no certified plan leads there\n"
                       " 1. app 2.9.0: app 2.9.0 comes directly only from ^2.5.0 (three.xml:4)\n");
  CHECK(run(dir, as("explain", newest({"--tested-only"}))).says("--tested-only requires --evidence"));
}

TEST_CASE("plan why-not --to newest derives that nothing goes together, or says what would make the way") {
  TempDir dir;
  write_unreachable(dir);
  const std::vector<std::string> jig = newest({"--pin", "app=2.x", "--hold", "bootloader:the jig needs it"});
  const Run none = run(dir, as("why-not", jig));
  CHECK(none.exit_code == 0);
  CHECK(none.out == "Why no versions go together\n"
                    " 1. app 2.0.0 requires bootloader >=1.1.0 (" + two + ":18)\n"
                    " 2. pin app=2.x\n"
                    " 3. hold bootloader: the jig needs it\n"
                    " 4. Together these leave no set; take any one away, and the others leave one.\n");
  const Run explained = run(dir, as("explain", jig));
  CHECK(explained.exit_code == 1);
  CHECK(explained.says("lockstep plan why-not with the same options says why"));

  const Run pinned = run(dir, as("why-not", newest({"--release", "three.xml", "--pin", "app=2.9.x"})));
  CHECK(pinned.exit_code == 0);
  CHECK_MESSAGE(has(pinned.out, "Newer, but no certified plan leads there\n 1. app 2.9.0: "), pinned.out);
  CHECK_MESSAGE(has(pinned.out, "Why there is no plan\n 1. app 2.9.0 comes directly only from ^2.5.0 (three.xml:4)"), pinned.out);
  CHECK_MESSAGE(has(pinned.out, "Which new release would help\n 1. "), pinned.out);
}

TEST_CASE("wishes that cannot be meant are refused with what to do") {
  TempDir dir;
  const Run unknown = run(dir, newest({"--pin", "radoi=2.x"}));
  CHECK(unknown.exit_code == 1);
  CHECK(unknown.says("pin radoi=2.x: there is no component \"radoi\"\n  next: did you mean radio?"));
  CHECK(run(dir, newest({"--pin", "app=2.x", "--hold", "app=2.x"})).says("contradict each other: together they leave no version of app"));
  CHECK(run(dir, newest({"--pin", "app=7.x"})).says("pin app=7.x fits no version of app\n  next: there are 1.0.0 and 2.0.0"));
  const Run empty = run(dir, newest({"--pin", "app=>2 <1"}));
  CHECK(empty.exit_code == 2);
  CHECK(empty.says("no version can be in >2 <1"));
  CHECK(run(dir, newest({"--pin", "app"})).exit_code == 2);
  CHECK(run(dir, newest({"--tested-only"})).exit_code == 2);

  std::vector<std::string> words = newest({"--hold", "radio"});
  for (std::string& word : words) {
    if (word == "newest") word = "2.0.0";
  }
  const Run named = run(dir, words);
  CHECK(named.exit_code == 2);
  CHECK(named.says("--to 2.0.0 names them; say --to newest"));
  for (std::string& word : words) {
    if (word == "2.0.0") word = "boiler@newest";
  }
  CHECK(run(dir, words).says("there are no releases of boiler here"));
}

// Evidence that a suite passed or failed on gateway 2.0.0 with these of its images.
void write_evidence(const TempDir& dir, const std::string& file, const PrivateKey& runner, const std::vector<std::string>& components,
                    bool passed = true) {
  const auto release = release::parse(*read_text_file(two), two);
  REQUIRE(release);
  attest::Statement statement{.subject = {{"release.xml", release->sha256}}, .result = {.configuration = {{"suite smoke@1", Sha256::of("suite")}}}};
  for (const std::string& name : components) statement.subject.push_back({name, release->firmware_of(name)->sha256});
  statement.result.result = passed ? attest::TestResult::Result::passed : attest::TestResult::Result::failed;
  (passed ? statement.result.passed_tests : statement.result.failed_tests).push_back("boots");
  const PrivateKey keys[] = {runner};
  const auto envelope = attest::sign(std::string(attest::statement_payload_type), attest::to_json(statement), keys);
  REQUIRE(envelope);
  REQUIRE(write_file(dir / file, attest::to_json(*envelope), {.replace = true}));
}

TEST_CASE("with --tested-only nothing without passing evidence is put on the device") {
  TempDir dir;
  const PrivateKey runner = *PrivateKey::generate(), stranger = *PrivateKey::generate();
  REQUIRE(write_file(dir / "runner.pub.pem", runner.public_key().pem()));
  std::filesystem::create_directory(dir / "evidence");
  const std::vector<std::string> tested{"--tested-only", "--evidence", "evidence", "--trust", "runner.pub.pem"};
  CHECK(run(dir, newest(tested)).says("evidence has no evidence"));

  write_evidence(dir, "evidence/1.dsse", runner, {"app", "bootloader"});
  const Run two_of_three = run(dir, newest(tested));
  REQUIRE_MESSAGE(two_of_three.exit_code == 0, two_of_three.err);
  CHECK(row(two_of_three, "app") == "app                 1.0.0  2.0.0");
  CHECK(row(two_of_three, "radio") == "radio               1.0.0  1.0.0   2.0.0: only tested versions: radio has 1.0.0 (it is there)");

  write_evidence(dir, "evidence/2.dsse", stranger, {"radio"});
  const Run strange = run(dir, newest(tested));
  CHECK(has(row(strange, "radio"), "1.0.0  1.0.0"));
  CHECK(strange.says("evidence/2.dsse does not count: "));

  write_evidence(dir, "evidence/3.dsse", runner, {"app", "bootloader", "radio"}, false);
  const Run failed = run(dir, newest(tested));
  REQUIRE_MESSAGE(failed.exit_code == 0, failed.err);
  CHECK(has(row(failed, "app"), "1.0.0  1.0.0"));
  CHECK(failed.says("gateway 2.0.0: the newest evidence of suite smoke says FAILED"));
}

// A state folder that has both releases, and gw-7 as it said last what it runs.
void fill_state(const TempDir& dir) {
  const PrivateKey key = *PrivateKey::generate();
  const auto store = store::Store::open(dir / "state");
  REQUIRE_MESSAGE(store, store.error().what);
  std::vector<store::EventBody> events;
  events.emplace_back(store::KeyTrusted{key.public_key().id().hex(), "release", "release", key.public_key().pem()});
  for (const std::string& file : {one, two}) {
    const std::string manifest = *read_text_file(file);
    const auto release = release::parse(manifest, file);
    REQUIRE(release);
    const PrivateKey keys[] = {key};
    const auto kept = (*store)->artefacts().put(as_bytes(attest::to_json(*attest::sign(std::string(release::payload_type), manifest, keys))));
    REQUIRE(kept);
    const std::string version = release->version.text();
    events.emplace_back(store::ArtefactAdded{kept->digest, kept->size, "envelope", "gateway.release"});
    events.emplace_back(store::ReleaseAdded{"gateway@" + version, "gateway", version, "", release->sha256.hex(), kept->digest,
                                            {key.public_key().id().hex()}, {}});
  }
  events.emplace_back(store::DeviceAdded{"gw-7", "smp+unix:///nowhere", "SN7", "gw-1", "1", "gateway"});
  store::DeviceUpdated report{.device = "gw-7"};
  for (const char* component : {"app", "bootloader", "radio"}) {
    report.components.push_back({.component = component, .version = "1.0.0", .image_hash = {}, .confirmed = true});
  }
  events.emplace_back(std::move(report));
  events.emplace_back(store::DeviceSoftware{"gw-7", {{"backend", "1.0.0"}, {"mobile-app", "4.0.0"}}});
  REQUIRE((*store)->append(std::move(events)));
}

TEST_CASE("plan device --to newest chooses from the stored releases by the device's last report") {
  TempDir dir;
  fill_state(dir);
  const auto ask = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"--state", "state", "plan", "device", "gw-7", "--to", "newest"};
    words.insert(words.end(), more.begin(), more.end());
    return run(dir, words);
  };
  const Run made = ask({"-o", "plan.json"});
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK(row(made, "app") == "app                 1.0.0  2.0.0");
  CHECK(has(made.out, "gw-7 (gw-1 revision 1.0.0) to gateway with app 2.0.0, bootloader 1.1.0 and radio 2.0.0\n"));
  CHECK(run(dir, {"plan", "check", "plan.json", "--release", one, "--release", two}).exit_code == 0);

  const Run held = ask({"--pin", "app=2.x", "--hold", "radio:field test", "--hold", "bootloader=9.x"});
  REQUIRE_MESSAGE(held.exit_code == 0, held.err);
  CHECK(row(held, "radio") == "radio               1.0.0  1.0.0   2.0.0: hold radio: field test");
  const Run none = ask({"--pin", "app=2.x", "--hold", "bootloader"});
  CHECK(none.exit_code == 1);
  CHECK(has(none.out, " 2. pin app=2.x\n 3. hold bootloader\n"));
  CHECK(ask({"--pin", "radoi=1.x"}).says("did you mean radio?"));
  const Run tested = ask({"--tested-only"});
  REQUIRE_MESSAGE(tested.exit_code == 0, tested.err);
  CHECK(has(tested.out, "gw-7 (gw-1 revision 1.0.0) to gateway as it is\nnothing to do\n"));
  CHECK(run(dir, {"--state", "state", "plan", "device", "gw-7", "--to", "2.0.0", "--hold", "radio"}).says("say --to newest"));
}

}  // namespace
}  // namespace lockstep::cli
