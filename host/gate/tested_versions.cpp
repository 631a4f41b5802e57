#include "host/gate/tested_versions.hpp"

#include <algorithm>

namespace lockstep::gate {

void TestedVersions::add(const release::Release& release, std::span<const Evidence> evidence,
                         std::span<const attest::TrustedKey> runners) {
  const Tried found = tried(digests_of(release), evidence, runners);
  for (const release::Firmware& f : release.firmware) {
    const bool passed = std::find(found.images.begin(), found.images.end(), f.component) != found.images.end();
    if (passed) versions_.push_back({f.component, f.version});
  }
  for (const Lack& lack : found.failed) failed_.push_back(release.name() + ": " + lack.what);
  for (const Evidence& one : evidence) {
    const auto rejected = std::find_if(found.rejected.begin(), found.rejected.end(), [&](const Rejected& r) { return r.digest == one.digest; });
    Offered& offered = offered_[one.digest];
    if (rejected == found.rejected.end()) {
      offered.counts = true;
    } else if (offered.why.empty() || offered.why == rejected->why) {
      offered.why = rejected->why;
    } else {
      offered.why = "it is about none of these releases";
    }
  }
}

std::vector<Rejected> TestedVersions::rejected() const {
  std::vector<Rejected> out;
  for (const auto& [digest, offered] : offered_) {
    if (!offered.counts) out.push_back({digest, offered.why});
  }
  return out;
}

}  // namespace lockstep::gate
