#include "host/api/engine_test_support.hpp"
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

}  // namespace
}  // namespace lockstep::api
