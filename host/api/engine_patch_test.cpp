#include "host/api/engine_test_support.hpp"

namespace lockstep::api {
namespace {

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
