// The things that the API keeps under names, and how a name that somebody typed becomes a path.
#pragma once

#include <string>
#include <string_view>

#include "host/base/error.hpp"

namespace lockstep::cli {

// What the API keeps under one path, and how people call it.
struct Collection {
  std::string_view path;   // "/v1/devices"
  std::string_view thing;  // "device"
  std::string_view list;   // the command that shows them all
};

inline constexpr Collection all_devices{"/v1/devices", "device", "lockstep device list"};
inline constexpr Collection all_releases{"/v1/releases", "release", "lockstep release list"};
inline constexpr Collection all_rollouts{"/v1/rollouts", "rollout", "lockstep rollout list"};
inline constexpr Collection all_jobs{"/v1/jobs", "job", "lockstep job list"};

// "/v1/devices/node-1". A name that cannot be one path segment ("", "a/b") would reach another thing or none of the API.
// * invalid   - there is no name
// * not_found - nothing can have this name
Outcome<std::string> path_of(const Collection& collection, std::string_view name);

}  // namespace lockstep::cli
