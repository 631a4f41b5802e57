// Killed at every state of an update.
#include "host/api/engine_kill_support.hpp"

namespace lockstep::api {
namespace {

TEST_CASE("a daemon killed at any journaled state of an update finishes it after the next start") {
  int n = 1;
  for (;; ++n) {
    CAPTURE(n);
    const Product product;
    const SimulatedDevice device(product, "node");
    prepare(product, device);
    if (!update_and_die(product, n)) break;
    check_ledger(product);
    {
      TestEngine engine(product, {}, hurried());
      const json::object job = finished_job(engine);
      CHECK(job.at("outcome") == "succeeded");
      CHECK(job.at("reason") == "");
      const json::object runs = ask_device(engine);
      CHECK(runs.at("version") == "2.0.0");
      CHECK(runs.at("image_hash").as_string() == image_hash(product.new_image));
      CHECK(runs.at("confirmed") == true);
    }
    check_ledger(product);
  }
  CHECK(n > 15);  // three steps, each with its image job
}

}  // namespace
}  // namespace lockstep::api
