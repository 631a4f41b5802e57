// One device to one release: asks it, plans, walks the plan, and has the device prove where it arrived.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "host/jobs/depot.hpp"
#include "host/jobs/job_plan.hpp"
#include "host/jobs/planning_thread.hpp"
#include "host/jobs/trail_journal.hpp"
#include "host/session/device_client.hpp"
#include "host/update/executor.hpp"
#include "host/walk/device_performer.hpp"

namespace lockstep::jobs {

struct JobEnd {
  std::string outcome;  // as in store::JobFinished
  std::string reason = {};
  // Succeeded: what the device said when it proved it.
  std::optional<store::DeviceUpdated> report = {};
};

class JobWalk {
 public:
  // All of it outlives the walk.
  struct Places {
    Depot& depot;
    PlanningThread& planning;
    session::ClientFactory clients;
    update::Policy policy = {};
  };

  // `trail` is what the depot saved last; empty: nothing yet.
  JobWalk(Places places, std::string id, JobTrail trail, update::JobWatch& watch);

  // Nothing: it was interrupted, and can go on from its last saved state.
  boost::asio::awaitable<std::optional<JobEnd>> run();

  // What is kept of its way.
  json::object facts() const { return to_json(journal_.trail()); }

 private:
  using Planned = Outcome<walk::CertifiedPlan>;
  boost::asio::awaitable<Outcome<void>> read_device();
  boost::asio::awaitable<Outcome<void>> read_material();
  boost::asio::awaitable<Outcome<void>> observe();
  boost::asio::awaitable<Planned> kept_plan();
  boost::asio::awaitable<Planned> new_plan();
  boost::asio::awaitable<Outcome<walk::Course>> next_course();
  boost::asio::awaitable<Outcome<walk::Alive>> read_alive(walk::CertifiedPlan plan);
  boost::asio::awaitable<std::optional<JobEnd>> end_of(walk::WalkResult result);
  boost::asio::awaitable<std::optional<JobEnd>> proved();
  walk::Course course_of(const walk::CertifiedPlan& plan, walk::WalkRecord from);
  walk::DeviceSettings settings_for(const walk::CertifiedPlan& plan);
  // Why that report is no proof; nothing when it is.
  std::optional<Error> doubt(const store::DeviceUpdated& report) const;

  Places places_;
  std::string id_;
  update::JobWatch& watch_;
  TrailJournal journal_;
  bool resumes_;
  store::DeviceRow device_ = {};
  link::LinkUri link_ = {};
  PlanningMaterial material_ = {};
};

}  // namespace lockstep::jobs
