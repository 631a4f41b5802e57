// Releases that were read and verified once. A signature costs milliseconds, a product may have hundreds of releases, and every
// job of a fleet plans from all of them: without this the store's thread did little else.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/store/store.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::jobs {

// Only the store's thread may touch it.
class ReleaseShelf {
 public:
  struct Loaded {
    std::string id;  // of the row
    Outcome<std::shared_ptr<const release::Release>> release;  // as load_release gives it
  };
  // All releases of a product. What is on the shelf was verified with the release keys that are trusted now: when these
  // change, the shelf is empty again.
  Outcome<std::vector<Loaded>> of_product(store::Store& store, const std::string& product);

  std::size_t verified() const { return verified_; }  // how many were not there yet

 private:
  Outcome<> forget_when_keys_changed(store::Store& store);
  Outcome<std::shared_ptr<const release::Release>> get(store::Store& store, const store::ReleaseRow& row);

  std::vector<store::KeyRow> trusted_;
  std::map<std::string, std::shared_ptr<const release::Release>> by_envelope_;  // digest
  std::size_t verified_ = 0;
};

}  // namespace lockstep::jobs
