// What the handlers of the API share. Only for files of this folder.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "host/api/engine.hpp"
#include "host/api/router.hpp"
#include "host/api/runs.hpp"
#include "host/base/change_counter.hpp"
#include "host/jobs/job_runner.hpp"
#include "host/jobs/planning_thread.hpp"
#include "host/rollout/coordinator.hpp"
#include "host/store/store_thread.hpp"

namespace lockstep::api {

struct Engine::Parts {
  Parts(boost::asio::any_io_executor on, EngineOptions with, std::unique_ptr<store::Store> opened, std::string runner_pem);

  boost::asio::any_io_executor executor;
  EngineOptions options;
  std::string origin;
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  jobs::ReleaseShelf shelf;  // the store's thread uses it
  store::StoreThread store;
  ChangeCounter changes;
  jobs::PlanningThread planning;
  jobs::JobRunner jobs;
  RunManager runs;
  rollout::Coordinator coordinator;
  Router router;
  bool working = false;
};

// One file per noun; each adds its rows to the router. `parts` outlives the router's use.
void add_key_routes(Router& router, Engine::Parts& parts);
void add_release_routes(Router& router, Engine::Parts& parts);
void add_device_routes(Router& router, Engine::Parts& parts);
void add_plan_routes(Router& router, Engine::Parts& parts);
void add_account_routes(Router& router, Engine::Parts& parts);
void add_job_routes(Router& router, Engine::Parts& parts);
void add_hil_routes(Router& router, Engine::Parts& parts);
void add_rollout_routes(Router& router, Engine::Parts& parts);
void add_audit_routes(Router& router, Engine::Parts& parts);

}  // namespace lockstep::api
