// For tests: the daemon's engine, killed with SIGKILL at the n-th state that an update journals, against the real boot code.
#pragma once

#include "host/api/engine_test_support.hpp"
#include "host/store/verify.hpp"

namespace lockstep::api {

// The simulator boots in a twentieth of a second: what a real board gets to reset and to become healthy would be waited for in
// vain after each kill.
inline update::Policy hurried() {
  update::Policy policy;
  policy.reset_grace = std::chrono::seconds(4);
  policy.health_total = std::chrono::seconds(6);
  return policy;
}

inline std::string create_job(TestEngine& engine) {
  const json::object job = engine.post("/v1/jobs", {{"device", "node"}, {"release", "thermostat@2.0.0"}});
  return std::string(job.at("job").as_string());
}

// Starts the update in a process of its own that kills itself as soon as the n-th state is durable, before it is entered.
// False: it ended before that.
inline bool update_and_die(const Product& product, int n) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    TestEngine engine(product, [left = n](std::string_view) mutable {
      if (--left == 0) ::kill(::getpid(), SIGKILL);
    }, hurried());
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
inline json::object ask_device(TestEngine& engine) {
  return engine.post("/v1/devices/node/refresh", {})["components"].as_array().at(0).as_object();
}

inline void check_ledger(const Product& product) {
  const store::LedgerReport report = must(store::verify_ledger(product.state()));
  CHECK(report.ok());
  CHECK(report.end_proved);
  CHECK(must(store::verify_projections(product.state())).empty());
}

inline void prepare(const Product& product, const SimulatedDevice& device) {
  TestEngine engine(product);
  engine.take_release(product);
  engine.add_device("node", device.uri());
}

// The job that was interrupted, at its end.
inline json::object finished_job(TestEngine& engine) {
  engine.start_work();
  const json::array jobs = engine.get("/v1/jobs")["jobs"].as_array();
  REQUIRE(jobs.size() == 1);
  return engine.wait_for_job(std::string(jobs[0].as_object().at("job").as_string()));
}

}  // namespace lockstep::api
