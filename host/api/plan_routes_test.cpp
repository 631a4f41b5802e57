#include "host/api/engine_test_support.hpp"
#include "host/store/store.hpp"
#include "manifests/attest/statement.hpp"
#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::api {
namespace {

TEST_CASE("a device's plan is made from its report and the stored releases, and is certified") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  engine.take_release(product);
  engine.take_old_release(product);
  engine.add_device("node", device.uri());
  engine.post("/v1/devices/node/refresh", {});

  const json::object answer = engine.get("/v1/devices/node/plan", {{"to", "2.0.0"}});
  CHECK(*json_bool(answer, "certified"));
  CHECK(*json_text(answer, "verdict") == "found");
  CHECK(*json_text(answer, "release") == "thermostat 2.0.0");
  const auto plan = plan_file::parse(json::serialize(answer.at("plan")));
  REQUIRE_MESSAGE(plan, plan.error().what);
  REQUIRE(plan->steps.size() == 3);
  CHECK(text(*plan, plan->steps[0]) == "stage app 2.0.0");
  CHECK(plan->releases.size() == 2);

  CHECK(engine.refused("GET", "/v1/devices/nobody/plan", {}).what == "the query parameter to is missing");
}

TEST_CASE("a rehearsal groups devices that say the same, and names those that are blocked") {
  const Product product;
  const SimulatedDevice one(product, "node-1"), two(product, "node-2"), three(product, "node-3");
  TestEngine engine(product);
  engine.take_release(product);
  engine.take_old_release(product);
  engine.add_device("node-1", one.uri());
  engine.add_device("node-2", two.uri());
  engine.add_device("node-3", three.uri());
  for (const char* name : {"node-1", "node-2", "node-3"}) engine.post("/v1/devices/" + std::string(name) + "/refresh", {});
  engine.post("/v1/devices/node-3/software", {{"mobile-app", ""}});  // nobody knows any more

  const json::object answer = engine.get("/v1/releases/2.0.0/rehearsal");
  CHECK(*json_unsigned(answer, "ready") == 2);
  CHECK(*json_unsigned(answer, "blocked") == 1);
  const json::array& groups = **json_array(answer, "groups");
  REQUIRE(groups.size() == 2);
  CHECK(groups[0].at("devices") == json::array{"node-1", "node-2"});
  CHECK(groups[1].at("devices") == json::array{"node-3"});
  CHECK(groups[1].at("verdict") == "none");
  CHECK(!groups[1].at("reasons").as_array().empty());
  const json::object& schedule = answer.at("schedule").as_object();
  CHECK(*json_bool(schedule, "certified"));
  CHECK(!*json_bool(schedule, "complete"));
  REQUIRE(schedule.at("left").as_array().size() == 1);
  CHECK(schedule.at("left").as_array()[0].at("devices") == json::array{"node-3"});
  json::object again = engine.get("/v1/releases/2.0.0/rehearsal");
  CHECK(again["groups"] == groups);
}

// A device on 1.0.0, both releases, and nobody asked for one of them.
void fill(TestEngine& engine, const Product& product, const SimulatedDevice& device) {
  engine.take_release(product);
  engine.take_old_release(product);
  engine.add_device("node", device.uri());
  engine.post("/v1/devices/node/refresh", {});
}

json::object newest(TestEngine& engine, std::map<std::string, std::string> more = {}) {
  more.emplace("to", "newest");
  return engine.get("/v1/devices/node/plan", std::move(more));
}
Error refused_newest(TestEngine& engine, std::map<std::string, std::string> query) {
  query.emplace("to", "newest");
  const auto answer = parse_answer(engine.ask({"GET", "/v1/devices/node/plan", std::move(query), {}}));
  REQUIRE_FALSE(answer);
  return answer.error();
}
std::string chosen(const json::object& answer) {
  return std::string(answer.at("choice").at("components").as_array()[0].at("chosen").as_string());
}

TEST_CASE("a device's newest versions are chosen from the stored releases, under pins and holds") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  fill(engine, product, device);

  const json::object answer = newest(engine);
  CHECK(*json_bool(answer, "certified"));
  CHECK(*json_text(answer, "release") == "newest");
  CHECK(chosen(answer) == "2.0.0");
  const auto plan = plan_file::parse(json::serialize(answer.at("plan")));
  REQUIRE_MESSAGE(plan, plan.error().what);
  CHECK(target_text(*plan) == "thermostat with app 2.0.0");
  CHECK(chosen(newest(engine, {{"to", "thermostat@newest"}})) == "2.0.0");

  const json::object held = newest(engine, {{"hold", "app=2.x: field test runs\nmobile-app"}});
  CHECK(chosen(held) == "1.0.0");
  CHECK(held.at("choice").at("components").as_array()[0].at("why_not_newer") == json::array{"hold app=2.x: field test runs"});
  CHECK(held.at("plan").at("steps").as_array().empty());

  const json::object none = newest(engine, {{"pin", "app=2.x"}, {"hold", "mobile-app=5.x"}});
  CHECK_FALSE(*json_bool(none, "certified"));
  CHECK(none.at("choice").at("verdict") == "none");
  CHECK(none.at("choice").at("causes").as_array().size() >= 1);
}

// A step a line.
std::string steps_text(const json::object& answer) {
  const auto plan = plan_file::parse(json::serialize(answer.at("plan")));
  REQUIRE_MESSAGE(plan, plan.error().what);
  std::string out;
  for (const auto& step : plan->steps) out += text(*plan, step) + '\n';
  return out;
}

TEST_CASE("a query that cannot be meant is refused: a yes that is none, and a misspelt parameter, would count as no") {
  const Product product;
  TestEngine engine(product);
  const auto refused = [&](std::map<std::string, std::string> query) {
    const auto answer = parse_answer(engine.ask({"GET", "/v1/devices/node/plan", std::move(query), {}}));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::invalid);
    return answer.error().what + "; " + answer.error().next;
  };
  CHECK(refused({{"to", "newest"}, {"tested_only", "yes"}}).starts_with("the query parameter tested_only is \"yes\", which is neither true nor false"));
  CHECK(refused({{"to", "2.0.0"}, {"finalise", "maybe"}}).find("finalise") != std::string::npos);
  CHECK(refused({{"to", "newest"}, {"tested-only", "1"}}) == "the query parameter \"tested-only\" is unknown; did you mean tested_only?");
}

TEST_CASE("the software moves to its newest version only when everything is asked for") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  fill(engine, product, device);
  engine.post("/v1/devices/node/software", {{"mobile-app", "5.2.0"}});
  const auto steps = [&](std::map<std::string, std::string> query) { return steps_text(engine.get("/v1/devices/node/plan", std::move(query))); };
  for (const char* to : {"2.0.0", "newest"}) {
    CAPTURE(to);
    CHECK(steps({{"to", to}}).find("publish") == std::string::npos);
    CHECK(steps({{"to", to}, {"everything", "1"}}).find("publish mobile-app@android 5.3.0") != std::string::npos);
    CHECK(steps({{"to", to}, {"everything", "true"}}).find("publish mobile-app@android 5.3.0") != std::string::npos);
  }
}

TEST_CASE("what cannot be meant about the newest versions is an error that says what to do") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  fill(engine, product, device);
  CHECK(refused_newest(engine, {{"pin", "ap=2.x"}}).next == "did you mean app?");
  CHECK(refused_newest(engine, {{"pin", "app"}}).what.starts_with("\"app\" is not of the form COMPONENT=RANGE"));
  CHECK(refused_newest(engine, {{"pin", "app=1.x\napp=2.x"}}).what ==
        "pin app=1.x and pin app=2.x contradict each other: together they leave no version of app");
  CHECK(refused_newest(engine, {{"to", "boiler@newest"}}).what == "node is no boiler: it is a thermostat");
  CHECK(refused_newest(engine, {{"to", "2.0.0"}, {"tested_only", "true"}}).what ==
        "the query parameter tested_only chooses versions, but to=2.0.0 names them");
  CHECK(engine.refused("GET", "/v1/devices/nobody/plan", {}).next == "say ?to=RELEASE or ?to=newest");
}

// A run of a suite on the product's new release, as the engine keeps it.
void keep_evidence(const Product& product, const PrivateKey& runner, attest::TestResult::Result result) {
  const bool passed = result == attest::TestResult::Result::passed;
  const Sha256 manifest = Sha256::of(product.manifest());
  const std::vector<std::string> test{"boots"}, no_test;
  const attest::Statement statement{
      .subject = {{"release.xml", manifest}, {"new.bin", Sha256::of(Bytes(product.new_image))}},
      .result = {.result = result, .configuration = {{"suite smoke@1.0", Sha256::of("suite")}},
                 .passed_tests = passed ? test : no_test, .failed_tests = passed ? no_test : test}};
  const PrivateKey keys[] = {runner};
  const std::string envelope =
      attest::to_json(must(attest::sign(std::string(attest::statement_payload_type), attest::to_json(statement), keys)));
  const auto store = must(store::Store::open(product.state()));
  const auto kept = must(store->artefacts().put(as_bytes(envelope)));
  std::vector<store::EventBody> events;
  events.emplace_back(store::ArtefactAdded{kept.digest, kept.size, "evidence", "evidence.dsse"});
  events.emplace_back(store::EvidenceAdded{kept.digest, "run-1", "smoke", passed ? "passed" : "failed", manifest.hex()});
  must(store->append(std::move(events)));
}

TEST_CASE("only tested versions are chosen by the evidence that the store has and that verifies") {
  const Product product;
  const SimulatedDevice device(product, "node");
  const PrivateKey runner = must(PrivateKey::generate()), stranger = must(PrivateKey::generate());
  {
    TestEngine engine(product);
    fill(engine, product, device);
    engine.post("/v1/keys", {{"name", "rig-1"}, {"role", "runner"}, {"public_pem", runner.public_key().pem()}});
    const json::object without = newest(engine, {{"tested_only", "true"}});
    CHECK(chosen(without) == "1.0.0");
    CHECK(without.at("choice").at("components").as_array()[0].at("why_not_newer") ==
          json::array{"only tested versions: app has 1.0.0 (it is there)"});
  }
  keep_evidence(product, stranger, attest::TestResult::Result::passed);
  {
    TestEngine engine(product);
    const json::object strange = newest(engine, {{"tested_only", "true"}});
    CHECK(chosen(strange) == "1.0.0");
    CHECK(strange.at("evidence").at("left_out").as_array().size() == 1);
    CHECK(chosen(newest(engine)) == "2.0.0");
  }
  keep_evidence(product, runner, attest::TestResult::Result::passed);
  {
    TestEngine engine(product);
    CHECK(chosen(newest(engine, {{"tested_only", "true"}})) == "2.0.0");
  }
  keep_evidence(product, runner, attest::TestResult::Result::failed);
  {
    TestEngine engine(product);
    const json::object failed = newest(engine, {{"tested_only", "true"}});
    CHECK(chosen(failed) == "1.0.0");
    CHECK(failed.at("evidence").at("failed").as_array().size() == 1);
  }
}

}  // namespace
}  // namespace lockstep::api
