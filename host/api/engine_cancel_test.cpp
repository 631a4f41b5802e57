// A job that somebody wants to stop, and an engine that dies meanwhile.
#include "host/api/engine_test_support.hpp"

namespace lockstep::api {
namespace {

TEST_CASE("a cancellation that was acknowledged holds, also when the engine goes before the job has heard of it") {
  const Product product;
  const SimulatedDevice device(product, "node", {"--fault", "slow-erase=400"});  // the upload takes seconds
  std::string job;
  {
    TestEngine engine(product);
    engine.take_release(product);
    engine.add_device("node", device.uri());
    engine.start_work();
    job = std::string(engine.post("/v1/jobs", {{"device", "node"}, {"release", "2.0.0"}}).at("job").as_string());
    engine.get("/v1/jobs/" + job);
    engine.post("/v1/jobs/" + job + "/cancel", {});
    CHECK(engine.get("/v1/jobs/" + job).at("facts").as_object().contains("cancel"));
  }
  TestEngine engine(product);
  CHECK(engine.get("/v1/jobs/" + job).at("outcome").as_string().empty());  // it had not ended yet
  engine.start_work();
  CHECK(engine.wait_for_job(job).at("outcome") == "cancelled");
  const Error again = engine.refused("POST", "/v1/jobs/" + job + "/cancel", "{}");
  CHECK(again.kind == ErrorKind::conflict);
  CHECK(again.what.find("has ended already, as cancelled") != std::string::npos);
  CHECK(engine.refused("POST", "/v1/jobs/job-none/cancel", "{}").kind == ErrorKind::not_found);
}

}  // namespace
}  // namespace lockstep::api
