// The depot of a job that the ledger keeps.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "host/jobs/depot.hpp"
#include "host/jobs/patch_maker.hpp"
#include "host/store/store_thread.hpp"

namespace lockstep::jobs {

// Called with the state after it was made durable and before the job goes on; for tests that stop the process there.
using SavedHook = std::function<void(std::string_view state)>;

class StoreDepot final : public Depot {
 public:
  // Store, shelf and patch maker outlive it. `job` is the store's row.
  StoreDepot(store::StoreThread& store, ReleaseShelf& shelf, PatchMaker& patches, store::JobRow job, SavedHook saved)
      : store_(store), shelf_(shelf), patches_(patches), job_(std::move(job)), saved_(std::move(saved)) {}

  boost::asio::awaitable<Outcome<store::DeviceRow>> device() override;
  boost::asio::awaitable<Outcome<void>> reported(store::DeviceUpdated report) override;
  boost::asio::awaitable<Outcome<PlanningMaterial>> material() override;
  boost::asio::awaitable<Outcome<update::VerifiedImage>> image(std::string file_digest) override;
  update::PatchProvider patch(std::string file_digest) override { return patches_.provider(std::move(file_digest)); }
  boost::asio::awaitable<Outcome<void>> save(std::string state, JobTrail trail, std::string document) override;
  boost::asio::awaitable<Outcome<std::string>> plan_document(std::string digest) override;

 private:
  store::StoreThread& store_;
  ReleaseShelf& shelf_;
  PatchMaker& patches_;
  store::JobRow job_;
  SavedHook saved_;
};

}  // namespace lockstep::jobs
