// The update step's updater: host/jobs, the very code that updates the fleet, so that it is under test too. Nothing reaches
// the device but by a certified plan.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "host/hil/drivers.hpp"
#include "host/hil/run_depot.hpp"
#include "host/hil/smp_port.hpp"
#include "host/jobs/planning_thread.hpp"
#include "host/session/device_client.hpp"

namespace lockstep::hil {

struct BoardUpdate {
  jobs::PlanningThread& planning;  // outlives the update
  session::ClientFactory clients;
  update::Policy policy = {};
  std::string id;
  Updater::Progress progress;
};

// The board of the depot to the depot's target. The depot outlives it.
asio::awaitable<UpdateReport> update_board(RunDepot& depot, BoardUpdate update);

class FleetUpdater final : public Updater {
 public:
  struct Settings {
    std::string job_id;
    LinkMaker maker;
    RunDepot::Settings depot;  // `file` gets the number of the update, `target` is that of each
  };
  FleetUpdater(asio::any_io_executor executor, Settings settings)
      : executor_(std::move(executor)), settings_(std::move(settings)) {}

  asio::awaitable<UpdateReport> update(std::string to, Progress progress) override;

 private:
  asio::any_io_executor executor_;
  Settings settings_;
  jobs::PlanningThread planning_;
  int count_ = 0;
};

}  // namespace lockstep::hil
