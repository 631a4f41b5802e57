// Releases and keys as the store holds them, turned back into what may be believed. All run on the store's thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/store/store.hpp"
#include "manifests/attest/dsse.hpp"
#include "manifests/release/release.hpp"
#include "manifests/resolve/resolve.hpp"
#include "protocols/mcuboot/verify.hpp"

namespace lockstep::jobs {

// Who signs what. One key may have several roles.
inline constexpr std::string_view roles[] = {"image", "release", "runner"};

Outcome<std::vector<attest::TrustedKey>> trusted_keys(store::Store& store, std::string_view role);
Outcome<std::vector<mcuboot::PublicKey>> image_keys(store::Store& store);

// Finds the release that `reference` names: "thermostat@2.0.0", or "2.0.0" or "thermostat" when only one fits.
// * not_found - none (the near ones are named); conflict - several
Outcome<store::ReleaseRow> find_release(store::Store& store, std::string_view reference);

// The manifest of a stored release, its signature checked again by a trusted release key.
Outcome<release::Release> load_release(store::Store& store, const store::ReleaseRow& row);

// What is known about a device and the software around it, as pairing wants it.
resolve::DeviceState device_state(const store::DeviceRow& device);
Outcome<std::vector<resolve::SoftwareInUse>> software_in_use(const store::DeviceRow& device);

// Pairs `device` with the release. * refused - no, with every reason and its manifest line
Outcome<resolve::Answer> pair(const release::Release& release, const store::DeviceRow& device);

}  // namespace lockstep::jobs
