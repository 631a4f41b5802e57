// The course of a hardware test, kept in the ledger; its evidence and report, kept as artefacts.
#pragma once

#include "host/hil/engine.hpp"
#include "host/store/store_thread.hpp"

namespace lockstep::api {

class LedgerRunJournal final : public hil::RunJournal {
 public:
  LedgerRunJournal(store::StoreThread& store, std::string release_id, std::string manifest_digest)
      : store_(store), release_id_(std::move(release_id)), manifest_digest_(std::move(manifest_digest)) {}

  boost::asio::awaitable<Outcome<void>> started(hil::RunResult so_far) override;
  boost::asio::awaitable<Outcome<void>> attempt(std::string run_id, std::string test_id,
                                                hil::AttemptRecord attempt) override;
  boost::asio::awaitable<Outcome<void>> finished(hil::RunResult result) override;

 private:
  store::StoreThread& store_;
  std::string release_id_, manifest_digest_;
};

}  // namespace lockstep::api
