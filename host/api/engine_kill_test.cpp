// The daemon's engine, killed with SIGKILL at every state that an update journals, against the real boot code.
#include "host/api/engine_test_support.hpp"
#include "host/store/verify.hpp"

namespace lockstep::api {
namespace {

std::string create_job(TestEngine& engine) {
  const json::object job = engine.post("/v1/jobs", {{"device", "node"}, {"release", "thermostat@2.0.0"}});
  return std::string(job.at("job").as_string());
}

// Starts the update in a process of its own that kills itself as soon as the n-th state is durable, before it is entered.
// False: it ended before that.
bool update_and_die(const Product& product, int n) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    TestEngine engine(product, [left = n](std::string_view) mutable {
      if (--left == 0) ::kill(::getpid(), SIGKILL);
    });
    engine.start_work();
    engine.wait_for_job(create_job(engine));
    ::_exit(0);  // the state never came
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) return false;
  REQUIRE(WTERMSIG(status) == SIGKILL);
  return true;
}

// What the device itself says runs on it.
json::object ask_device(TestEngine& engine) {
  return engine.post("/v1/devices/node/refresh", {})["components"].as_array().at(0).as_object();
}

void check_ledger(const Product& product) {
  const store::LedgerReport report = must(store::verify_ledger(product.state()));
  CHECK(report.ok());
  CHECK(report.end_proved);
  CHECK(must(store::verify_projections(product.state())).empty());
}

void prepare(const Product& product, const SimulatedDevice& device) {
  TestEngine engine(product);
  engine.take_release(product);
  engine.add_device("node", device.uri());
}

// The job that was interrupted, at its end.
json::object finished_job(TestEngine& engine) {
  engine.start_work();
  const json::array jobs = engine.get("/v1/jobs")["jobs"].as_array();
  REQUIRE(jobs.size() == 1);
  return engine.wait_for_job(std::string(jobs[0].as_object().at("job").as_string()));
}

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
      TestEngine engine(product);
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
      TestEngine engine(product);
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
