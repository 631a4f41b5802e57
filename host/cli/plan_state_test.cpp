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
    CHECK(desk.plan({verb, "node", "--to", "2.0.0", "--everything"}).exit_code == 2);
  }
}

}  // namespace
}  // namespace lockstep::cli
