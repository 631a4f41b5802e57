// Plans walked on the real device code (boot, swap, agent) with two components, with the power cut at every operation on its
// flash, images that go back, a device that refuses, and a host that dies at every message.
#include "host/walk/node_world.hpp"

namespace lockstep::walk {
namespace {

using test::NodeProduct;
using test::NodeWorld;

// app 2 comes only from 1.5 on and talks only to radio 2; radio 2 talks only to app 1.5 and later. So the one safe order is
// app 1.5, radio 2, app 2, and each of these may go back.
NodeProduct two_components(std::uint32_t last_app_flags = 0) {
  const auto need = [](model::Index component, const char* range) {
    return model::Need{.component = component, .range = *version::Range::parse(range), .at = {}};
  };
  model::Catalogue catalogue;
  catalogue.product = "thermostat";
  catalogue.components = {{.name = "app", .platform = {}, .versions = {{.version = {1, 0, 0}}, {.version = {1, 5, 0}}, {.version = {2, 0, 0}}}, .at = {}},
                          {.name = "radio", .platform = {}, .versions = {{.version = {1, 0, 0}}, {.version = {2, 0, 0}}}, .at = {}}};
  auto& app = catalogue.components[0].versions;
  app[2].from = release::From{.range = *version::Range::parse(">=1.5.0")};
  app[2].needs = {need(1, ">=2.0.0")};
  catalogue.components[1].versions[1].needs = {need(0, ">=1.5.0")};
  return NodeProduct(std::move(catalogue), test::running({0, 0}), {{2, 1}}, {{0, 2, last_app_flags}});
}

TEST_CASE("two components of a real device go by the plan, over a stop and in the one safe order") {
  const NodeProduct product = two_components();
  NodeWorld world(product);
  CHECK(world.pursue_to_the_end(1) == End::arrived);
  CAPTURE(world.result->reason);
  CHECK(world.runs_the_goal());
  CHECK(world.bad == 0);
  CHECK(world.moments > 50);
}

TEST_CASE("an image that goes back ends the walk in a state that the plan proved safe, and is not tried again by itself") {
  for (const std::uint32_t flags : {agent::AppDescriptor::hang_after_boot, agent::AppDescriptor::unhealthy}) {
    const NodeProduct product = two_components(flags);
    NodeWorld world(product);
    const auto plan = product.plan_from(test::running({0, 0}));
    REQUIRE(plan);
    world.live(*plan);
    CHECK(text(world.result->end) == "reverted");
    CHECK(world.result->reason.find("app 2.0.0 went back to app 1.5.0") != std::string::npos);
    CHECK(world.find(0, *world.device.node.report(0)) == 1);
    CHECK(world.find(1, *world.device.node.report(1)) == 1);
    CHECK(world.bad == 0);
  }
}

TEST_CASE("a device on which somebody installed something else by hand is left alone") {
  const NodeProduct product = two_components();
  NodeWorld world(product);
  const auto plan = product.plan_from(test::running({1, 0}));  // for a device that has been brought to 1.5 already
  REQUIRE(plan);
  const Buffer before = world.device.memory;
  world.live(*plan);
  CHECK(text(world.result->end) == "elsewhere");
  CHECK(world.result->reason.find("app 1.0.0 is there, not app 1.5.0") != std::string::npos);
  CHECK(world.device.memory == before);
}

std::uint32_t operations_of_a_walk(const NodeProduct& product) {
  NodeWorld world(product);
  world.pursue_to_the_end(1);
  return world.device.power.operations();
}

TEST_CASE("the power goes at operations all over a plan: nothing unsafe ever runs, and it arrives") {
  const NodeProduct product = two_components();
  const std::uint32_t all = operations_of_a_walk(product);
  std::size_t moments = 0;
  int runs = 0;
  for (std::uint32_t at = 1; at <= all; at += 5) {
    CAPTURE(at);
    NodeWorld world(product);
    world.device.power.power_on(at);
    CHECK(text(world.pursue_to_the_end(4)) == "arrived");
    CHECK(world.runs_the_goal());
    CHECK(world.bad == 0);
    moments += world.moments;
    ++runs;
  }
  MESSAGE(runs, " walks cut in ", all, " operations, ", moments, " moments judged");
  CHECK(runs > 20);
}

TEST_CASE("the host dies at messages all over a plan: nothing unsafe ever runs, and it arrives") {
  const NodeProduct product = two_components();
  int kills = 0;
  for (int at = 0; at < 3000; at += 9) {
    CAPTURE(at);
    NodeWorld world(product);
    world.fate.kill_at = at;
    CHECK(text(world.pursue_to_the_end(4)) == "arrived");
    CHECK(world.runs_the_goal());
    CHECK(world.bad == 0);
    if (world.fate.points > 0 && world.fate.kill_at == at) break;  // it was never killed: the walk has no more messages
    ++kills;
  }
  CHECK(kills > 20);
}

}  // namespace
}  // namespace lockstep::walk
