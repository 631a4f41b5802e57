// The executor's journal, kept in the ledger.
#pragma once

#include <functional>
#include <string>

#include "host/store/store_thread.hpp"
#include "host/update/job.hpp"
#include "host/update/journal.hpp"

namespace lockstep::api {

class LedgerJournal final : public update::Journal {
 public:
  // `version`, `image_hash` and `health` ("healthy", or "unknown" for a device that cannot tell) are what is known of the
  // device when the job succeeds: the end of the job and the device's new
  // report are one transaction.
  // `saved` is called after each save, if it is set.
  LedgerJournal(store::StoreThread& store, std::string device, std::string version, std::string image_hash,
                std::string health, std::function<void(const update::JobRecord&)> saved)
      : store_(store),
        device_(std::move(device)),
        version_(std::move(version)),
        image_hash_(std::move(image_hash)),
        health_(std::move(health)),
        saved_(std::move(saved)) {}

  boost::asio::awaitable<Outcome<void>> save(const update::JobRecord& record) override;

 private:
  store::StoreThread& store_;
  std::string device_, version_, image_hash_, health_;
  std::function<void(const update::JobRecord&)> saved_;
};

// What the executor saved last for this job. invalid: the row holds a state that this version does not know.
Outcome<update::JobRecord> record_of(const store::JobRow& row);

// Reads the image from the artefact store and verifies it with the trusted image keys, when a job asks for it.
update::ImageProvider image_provider(store::StoreThread& store, std::string file_digest);

}  // namespace lockstep::api
