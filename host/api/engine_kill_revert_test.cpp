// Killed at every state of a trial that ends with the old image. A file of its own, because each kill costs the time that a
// device has to become healthy.
#include "host/api/engine_kill_support.hpp"

namespace lockstep::api {
namespace {

TEST_CASE("a daemon killed while it brings an unhealthy image ends with the old one, and says so") {
  constexpr int returning = 10;  // before that it is as with any image
  int n = returning;
  for (;; ++n) {
    CAPTURE(n);
    Product product;
    // The descriptor tells the simulator what this firmware would do: answer, and report that it is not well.
    std::string payload(30'000, 'c');
    payload.replace(1024, 44, std::string("LKSTAPP1\x02\0\0\0", 12) + std::string(32, '\0'));
    product.new_image = signed_image(payload, 2, product.image_key);
    const SimulatedDevice device(product, "node");
    prepare(product, device);
    if (!update_and_die(product, n)) break;
    {
      TestEngine engine(product, {}, hurried());
      const json::object job = finished_job(engine);
      CAPTURE(job.at("reason"));
      CHECK(job.at("outcome") == "reverted");
      CHECK(job.at("reason").as_string().find("app 2.0.0 went back to app 1.0.0") != json::string::npos);
      const json::object runs = ask_device(engine);
      CHECK(runs.at("version") == "1.0.0");
      CHECK(runs.at("confirmed") == true);
    }
    check_ledger(product);
  }
  CHECK(n > returning + 2);
}

}  // namespace
}  // namespace lockstep::api
