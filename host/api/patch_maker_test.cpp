#include "host/api/patch_maker.hpp"

#include "host/api/engine_test_support.hpp"

namespace lockstep::api {
namespace {

TEST_CASE("the devices of a fleet get one patch, made once; another device's limits make another") {
  const Buffer base = to_buffer(as_bytes(std::string(5000, 'a')));
  const Buffer target = to_buffer(as_bytes(std::string(5000, 'a') + "new"));
  RecentPatches patches;
  const RecentPatches::Wanted wanted{"base", "target", {}};
  const Buffer first = patches.get(wanted, base, target);
  CHECK(must(delta::apply_patch(base, first)) == target);
  CHECK(patches.get(wanted, base, target) == first);
  CHECK(patches.made() == 1);
  const RecentPatches::Wanted narrow{"base", "target", {.target = 1024, .delta = 512}};
  CHECK(must(delta::apply_patch(base, patches.get(narrow, base, target))) == target);
  CHECK(patches.made() == 2);
}

TEST_CASE("patches that nobody asked for lately are forgotten") {
  const Buffer image(100);
  RecentPatches patches;
  const auto ask = [&](std::size_t n) { patches.get({std::to_string(n), "target", {}}, image, image); };
  for (std::size_t n = 0; n <= RecentPatches::kept; ++n) ask(n);
  ask(1);
  CHECK(patches.made() == RecentPatches::kept + 1);
  ask(0);
  CHECK(patches.made() == RecentPatches::kept + 2);
}

TEST_CASE("a device whose running image a release brought is sent a patch") {
  const Product product;
  const SimulatedDevice device(product, "node");
  TestEngine engine(product);
  engine.take_release(product);
  engine.take_old_release(product);
  engine.add_device("node", device.uri());
  engine.start_work();
  const json::object created = engine.post("/v1/jobs", {{"device", "node"}, {"release", "thermostat@2.0.0"}});
  const json::object job = engine.wait_for_job(std::string(created.at("job").as_string()));
  CHECK(job.at("outcome") == "succeeded");
  const json::object& facts = job.at("facts").as_object();
  CHECK(facts.at("patch_failures") == 0);
  CHECK(facts.at("doing") == "confirm app 2.0.0");
  const json::object plan = engine.get("/v1/jobs/" + std::string(created.at("job").as_string()) + "/plan");
  CHECK(plan.at("plan").at("target") == "2.0.0");
  CHECK(facts.at("saved_bytes").as_int64() > static_cast<std::int64_t>(product.new_image.size() / 2));
}

}  // namespace
}  // namespace lockstep::api
