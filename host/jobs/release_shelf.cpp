#include "host/jobs/release_shelf.hpp"

#include <algorithm>

#include "host/jobs/releases.hpp"

namespace lockstep::jobs {

Outcome<> ReleaseShelf::forget_when_keys_changed(store::Store& store) {
  LOCKSTEP_TRY(keys, store.queries().keys("release"));
  const auto same = [](const store::KeyRow& a, const store::KeyRow& b) { return a.key_id == b.key_id; };
  if (std::equal(keys.begin(), keys.end(), trusted_.begin(), trusted_.end(), same)) return {};
  trusted_ = std::move(keys);
  by_envelope_.clear();
  return {};
}

Outcome<std::shared_ptr<const release::Release>> ReleaseShelf::get(store::Store& store, const store::ReleaseRow& row) {
  const auto found = by_envelope_.find(row.envelope_digest);
  if (found != by_envelope_.end()) return found->second;
  LOCKSTEP_TRY(release, load_release(store, row));
  ++verified_;
  auto kept = std::make_shared<const release::Release>(std::move(release));
  by_envelope_.emplace(row.envelope_digest, kept);
  return kept;
}

Outcome<std::vector<ReleaseShelf::Loaded>> ReleaseShelf::of_product(store::Store& store, const std::string& product) {
  LOCKSTEP_CHECK(forget_when_keys_changed(store));
  LOCKSTEP_TRY(rows, store.queries().releases());
  std::vector<Loaded> out;
  for (const store::ReleaseRow& row : rows) {
    if (row.product == product) out.push_back({row.id, get(store, row)});
  }
  return out;
}

}  // namespace lockstep::jobs
