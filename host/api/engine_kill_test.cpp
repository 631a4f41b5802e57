// The daemon's engine, killed with SIGKILL at every state that an update journals, against the real boot code.
#include "host/api/engine_test_support.hpp"
#include "host/store/verify.hpp"

namespace lockstep::api {
namespace {

using update::State;

std::string create_job(TestEngine& engine) {
  const json::object job = engine.post("/v1/jobs", {{"device", "node"}, {"release", "thermostat@2.0.0"}});
  return std::string(job.at("job").as_string());
}

// Starts the update in a process of its own that kills itself as soon as `state` is durable, before it is entered.
void update_and_die(const Product& product, State state) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    TestEngine engine(product, [state](const update::JobRecord& record) {
      if (record.state == state) ::kill(::getpid(), SIGKILL);
    });
    engine.start_work();
    engine.wait_for_job(create_job(engine));
    ::_exit(1);  // the state never came
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
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

TEST_CASE("a daemon killed at any journaled state of an update finishes it after the next start") {
  for (const State state : {State::inspecting, State::uploading, State::marking, State::resetting, State::returning,
                            State::checking, State::confirming, State::verifying, State::succeeded}) {
    CAPTURE(update::name(state));
    const Product product;
    const SimulatedDevice device(product, "node");
    prepare(product, device);
    update_and_die(product, state);
    check_ledger(product);
    {
      TestEngine engine(product);
      engine.start_work();
      const json::array jobs = engine.get("/v1/jobs")["jobs"].as_array();
      REQUIRE(jobs.size() == 1);
      const json::object job = engine.wait_for_job(std::string(jobs[0].as_object().at("job").as_string()));
      CHECK(job.at("outcome") == "succeeded");
      CHECK(job.at("reason") == "");
      const json::object runs = ask_device(engine);
      CHECK(runs.at("version") == "2.0.0");
      CHECK(runs.at("image_hash").as_string() == image_hash(product.new_image));
      CHECK(runs.at("confirmed") == true);
    }
    check_ledger(product);
  }
}

TEST_CASE("a daemon killed while an unhealthy device goes back ends with the old image, and says so") {
  for (const State state : {State::reverting, State::returning, State::reverted}) {
    CAPTURE(update::name(state));
    Product product;
    // The descriptor tells the simulator what this firmware would do: answer, and report that it is not well.
    std::string payload(30'000, 'c');
    payload.replace(1024, 44, std::string("LKSTAPP1\x02\0\0\0", 12) + std::string(32, '\0'));
    product.new_image = signed_image(payload, 2, product.image_key);
    const SimulatedDevice device(product, "node");
    prepare(product, device);
    update_and_die(product, state);
    {
      TestEngine engine(product);
      engine.start_work();
      const json::array jobs = engine.get("/v1/jobs")["jobs"].as_array();
      const json::object job = engine.wait_for_job(std::string(jobs.at(0).as_object().at("job").as_string()));
      CHECK(job.at("outcome") == "reverted");
      CHECK_FALSE(job.at("reason").as_string().empty());
      const json::object runs = ask_device(engine);
      CHECK(runs.at("version") == "1.0.0");
      CHECK(runs.at("confirmed") == true);
    }
    check_ledger(product);
  }
}

}  // namespace
}  // namespace lockstep::api
