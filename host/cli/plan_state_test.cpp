// What the verbs of `plan` say about a device of the state.
#include "host/api/engine_test_support.hpp"
#include "host/cli/program_test.hpp"
#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::cli {
namespace {

using test::Run;

// A state with one device, `node`, that has 1.0.0 and was asked who it is, and with the releases 1.0.0 and 2.0.0. The
// commands plan by what is kept there: the device itself is gone.
struct Desk {
  explicit Desk(const std::string& app = "5.3.0") {
    const api::SimulatedDevice device(product, "node");
    api::TestEngine engine(product);
    engine.take_release(product);
    engine.take_old_release(product);
    engine.add_device("node", device.uri());
    engine.post("/v1/devices/node/refresh", {});
    engine.post("/v1/devices/node/software", {{"mobile-app", app}});
  }
  Run plan(std::vector<std::string> words) {
    words.insert(words.begin(), {"--state", product.state(), "plan"});
    return test::run(product.folder, words);
  }

  api::Product product;
};

TEST_CASE("plan device shows a certified plan by the last report, and writes it and its picture") {
  Desk desk;
  const Run made = desk.plan({"device", "node", "--to", "2.0.0", "-o", "plan.json", "--svg", "plan.svg"});
  REQUIRE_MESSAGE(made.exit_code == 0, made.err);
  CHECK_MESSAGE(made.out.starts_with("node (node-m3 revision 1.0.0) to thermostat 2.0.0\n"), made.out);
  CHECK_MESSAGE(made.out.find("1. send app 2.0.0 to the other slot") != std::string::npos, made.out);
  CHECK(made.out.find("\ncertified: ") != std::string::npos);
  CHECK(plan_file::parse(*read_text_file(desk.product.folder / "plan.json")));
  CHECK(read_text_file(desk.product.folder / "plan.svg")->find("<svg") != std::string::npos);

  const Run again = desk.plan({"device", "node", "--to", "2.0.0", "-o", "plan.json"});
  CHECK(again.exit_code == 1);
  CHECK(again.says("--force"));
  const Run document = desk.plan({"device", "node", "--to", "thermostat@2.0.0", "--json"});
  CHECK(document.text("verdict") == "found");
  CHECK(pretty_json(document.document().at("plan")) == *read_text_file(desk.product.folder / "plan.json"));
}

TEST_CASE("plan NAME --to RELEASE is plan device NAME --to RELEASE, wherever the program's options stand") {
  Desk desk;
  const Run written_out = desk.plan({"device", "node", "--to", "2.0.0"});
  REQUIRE_MESSAGE(written_out.exit_code == 0, written_out.err);
  CHECK(desk.plan({"node", "--to", "2.0.0"}).out == written_out.out);
  CHECK(desk.plan({"--to", "2.0.0", "node"}).out == written_out.out);
  CHECK(desk.plan({"--quiet", "node", "--finalise", "--to=2.0.0"}).out == desk.plan({"device", "node", "--to", "2.0.0", "--finalise"}).out);
  CHECK(desk.plan({"node", "--to", "2.0.0", "--json"}).text("verdict") == "found");
  CHECK(desk.plan({"node-9", "--to", "2.0.0"}).says("there is no device"));
  CHECK(desk.plan({"device-1", "--to", "2.0.0"}).says("there is no device"));
  CHECK(desk.plan({"--help"}).out.find("lockstep plan NAME --to RELEASE") != std::string::npos);
}

TEST_CASE("a mistyped verb of plan is no device") {
  Desk desk;
  for (const std::vector<std::string>& words : {std::vector<std::string>{"expalin", "node", "--to", "2.0.0"},
                                                {"expalin", "--to", "2.0.0"}}) {
    const Run mistyped = desk.plan(words);
    CHECK(mistyped.exit_code == 2);
    CHECK_MESSAGE(mistyped.says("plan: unknown command \"expalin\", did you mean explain?"), mistyped.err);
    CHECK_MESSAGE(mistyped.says("lockstep plan --help; for a device of that name: lockstep plan device expalin --to ..."), mistyped.err);
  }
  CHECK(desk.plan({"lsit"}).exit_code == 2);
  CHECK(desk.plan({"show", "--to", "2.0.0"}).exit_code == 2);  // a device of that name is plan device show
  CHECK(desk.plan({"device", "show", "--to", "2.0.0"}).says("there is no device"));
}

TEST_CASE("plan device says no with reasons, and where to ask for the smallest one") {
  Desk desk("");  // nobody knows which app is in use
  const Run made = desk.plan({"device", "node", "--to", "2.0.0"});
  CHECK(made.exit_code == 1);
  CHECK_MESSAGE(made.out.starts_with("no plan takes node to thermostat 2.0.0:\n  - "), made.out);
  CHECK(made.says("lockstep plan why-not node --to 2.0.0"));
  const Run document = desk.plan({"device", "node", "--to", "2.0.0", "--json"});
  CHECK(document.exit_code == 1);
  CHECK(document.text("verdict") == "none");
}

TEST_CASE("plan device refuses names that are not in the state") {
  Desk desk;
  CHECK(desk.plan({"device", "nobody", "--to", "2.0.0"}).says("there is no device 'nobody'"));
  CHECK(desk.plan({"device", "node", "--to", "9.0.0"}).exit_code == 1);
  CHECK(desk.plan({"device", "node"}).exit_code == 2);
}

TEST_CASE("plan job shows the plan that a job walks, and update which step it is at") {
  const api::Product product;
  const api::SimulatedDevice device(product, "node");
  {
    api::TestEngine engine(product);
    engine.take_release(product);
    engine.add_device("node", device.uri());
  }
  const auto lockstep = [&](std::vector<std::string> words) {
    words.insert(words.begin(), {"--state", product.state()});
    return test::run(product.folder, words);
  };
  const Run updated = lockstep({"update", "node", "--to", "2.0.0", "--json"});
  REQUIRE_MESSAGE(updated.exit_code == 0, updated.err);
  CHECK_MESSAGE(updated.says("node: step 1 of 3: stage app 2.0.0"), updated.err);
  CHECK_MESSAGE(updated.says("node: step 3 of 3: confirm app 2.0.0"), updated.err);
  const Run shown = lockstep({"plan", "job", updated.text("job"), "-o", "plan.json"});
  REQUIRE_MESSAGE(shown.exit_code == 0, shown.err);
  CHECK_MESSAGE(shown.out.find("1. send app 2.0.0 to the other slot") != std::string::npos, shown.out);
  CHECK(plan_file::parse(*read_text_file(product.folder / "plan.json")));
  CHECK(lockstep({"plan", "job", "job-none"}).says("there is no job 'job-none'"));
}

TEST_CASE("plan explain says of a device of the state what plan device's steps are for") {
  Desk desk;
  const Run told = desk.plan({"explain", "node", "--to", "2.0.0"});
  REQUIRE_MESSAGE(told.exit_code == 0, told.err);
  CHECK_MESSAGE(told.out.find("What if it fails here\n 1. ") != std::string::npos, told.out);
  const Run document = desk.plan({"explain", "node", "--to", "2.0.0", "--json"});
  CHECK(document.text("verdict") == "found");
  CHECK(document.text("device") == "node");
  CHECK(document.text("release") == "thermostat 2.0.0");

  const Run why_not = desk.plan({"why-not", "node", "--to", "2.0.0"});
  CHECK(why_not.exit_code == 1);
  CHECK(why_not.says("there is a plan that takes node to thermostat 2.0.0"));
  CHECK(why_not.says("lockstep plan device"));
}

TEST_CASE("plan why-not says of a device of the state what leaves no way") {
  Desk desk("");
  const Run told = desk.plan({"why-not", "node", "--to", "2.0.0"});
  CHECK_MESSAGE(told.exit_code == 0, told.err);
  CHECK_MESSAGE(told.out.starts_with("Why there is no plan\n 1. "), told.out);
  CHECK_MESSAGE(told.out.find("mobile-app") != std::string::npos, told.out);
  const Run explained = desk.plan({"explain", "node", "--to", "2.0.0"});
  CHECK(explained.exit_code == 1);
  CHECK(explained.says("lockstep plan why-not"));
}

TEST_CASE("plan device --everything moves the software, too, and plan explain takes it") {
  Desk desk("5.2.0");
  const auto steps = [&](std::vector<std::string> more) {
    std::vector<std::string> words{"node", "--to", "2.0.0"};
    words.insert(words.end(), more.begin(), more.end());
    return desk.plan(words).out;
  };
  CHECK(steps({}).find("publish mobile-app") == std::string::npos);
  CHECK(steps({"--everything"}).find("publish mobile-app@android 5.3.0") != std::string::npos);
  const Run told = desk.plan({"explain", "node", "--to", "2.0.0", "--everything"});
  REQUIRE_MESSAGE(told.exit_code == 0, told.err);
  CHECK_MESSAGE(told.out != desk.plan({"explain", "node", "--to", "2.0.0"}).out, told.out);
}

TEST_CASE("plan explain and why-not take --to newest for a device of the state") {
  Desk desk;
  const Run told = desk.plan({"explain", "node", "--to", "newest"});
  REQUIRE_MESSAGE(told.exit_code == 0, told.err);
  CHECK_MESSAGE(told.out.find("What if it fails here\n 1. ") != std::string::npos, told.out);
  const Run nothing = desk.plan({"why-not", "node", "--to", "newest"});
  CHECK(nothing.exit_code == 1);
  CHECK_MESSAGE(nothing.says("there is nothing newer: a plan takes node to the newest version of everything"), nothing.err);
  const Run held = desk.plan({"why-not", "node", "--to", "newest", "--hold", "app=2.x:field test"});
  REQUIRE_MESSAGE(held.exit_code == 0, held.err);
  CHECK(held.out == "Why nothing newer\n 1. app 1.0.0, not 2.0.0: hold app=2.x: field test\n");
  const Run untested = desk.plan({"why-not", "node", "--to", "newest", "--tested-only"});
  CHECK_MESSAGE(untested.out.find("only tested versions: app has 1.0.0") != std::string::npos, untested.err);
}

TEST_CASE("plan explain takes a device of the state or a description of one, not half of each") {
  Desk desk;
  for (const char* verb : {"explain", "why-not"}) {
    CAPTURE(verb);
    const Run none = desk.plan({verb, "--to", "2.0.0"});
    CHECK(none.exit_code == 2);
    CHECK_MESSAGE(none.says("which device? Name one of the state, or describe one by --device, --board and --revision"), none.err);
    CHECK(desk.plan({verb, "--to", "2.0.0", "--device", "app=1.0.0", "--board", "node-m3"}).exit_code == 2);
    const Run both = desk.plan({verb, "node", "--to", "2.0.0", "--board", "node-m3"});
    CHECK(both.exit_code == 2);
    CHECK_MESSAGE(both.says("--board is for devices that are described here, but \"node\" is one of the state"), both.err);
    CHECK(desk.plan({verb, "node", "--to", "newest", "--tested-only", "--evidence", "e", "--trust", "k"}).exit_code == 2);
    CHECK(desk.plan({verb, "node", "--to", "2.0.0", "--hold", "app"}).says("say --to newest"));
  }
}

}  // namespace
}  // namespace lockstep::cli
