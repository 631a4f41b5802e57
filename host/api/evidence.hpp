// Evidence as the store holds it, for those who judge it. All run on the store's thread.
#pragma once

#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/gate/gate.hpp"
#include "host/gate/tested_versions.hpp"
#include "host/store/store.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::api {

// All evidence about a release, the oldest first; nothing of it is believed yet.
Outcome<std::vector<gate::Evidence>> evidence_about(store::Store& store, std::string_view manifest_digest);

// What the evidence that still verifies says about the releases.
Outcome<gate::TestedVersions> tested_versions(store::Store& store, const std::vector<release::Release>& releases);

}  // namespace lockstep::api
