// Where one device's way to a release gets what it needs, and leaves what it learnt: a daemon's store, or the folder of a
// hardware test. Kept so small that everything which decides is the same for both.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "host/base/error.hpp"
#include "host/jobs/job_trail.hpp"
#include "host/jobs/planning_material.hpp"
#include "host/store/queries.hpp"
#include "host/update/job.hpp"

namespace lockstep::jobs {

// Errors of every function: io, when what it stands on does not work; those that are said beside it.
class Depot {
 public:
  virtual ~Depot() = default;

  // Who must answer where, and what it said last. Asked again whenever it may have changed. not_found: it is not known.
  virtual boost::asio::awaitable<Outcome<store::DeviceRow>> device() = 0;
  // The device has said something about itself; device() and material() know it from then on.
  virtual boost::asio::awaitable<Outcome<void>> reported(store::DeviceUpdated report) = 0;

  // One report, that of the device, and every release that a plan may use; `target` is where it goes. not_found, refused: no
  // such release, or one that is not trusted or is of another product.
  virtual boost::asio::awaitable<Outcome<PlanningMaterial>> material() = 0;
  // An image file by its digest, signature checked. not_found: it is not here. refused: nobody who is trusted signed it.
  // `patch` gives what makes it of another, and may be asked as long as the depot lives; empty: whole images only.
  virtual boost::asio::awaitable<Outcome<update::VerifiedImage>> image(std::string file_digest) = 0;
  virtual update::PatchProvider patch(std::string file_digest) = 0;

  // Makes it durable; what it is about is done only after that. `document` is that of the trail's plan, when the plan is
  // new, and empty otherwise.
  virtual boost::asio::awaitable<Outcome<void>> save(std::string state, JobTrail trail, std::string document) = 0;
  // The document of a plan that was saved before this process began. not_found: it is not kept.
  virtual boost::asio::awaitable<Outcome<std::string>> plan_document(std::string digest) = 0;
};

}  // namespace lockstep::jobs
