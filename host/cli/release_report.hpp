// A release, what is wrong with it, and its answer to a device: in words and as JSON.
#pragma once

#include <string>
#include <vector>

#include "host/base/json.hpp"
#include "host/cli/release_files.hpp"
#include "manifests/resolve/resolve.hpp"

namespace lockstep::cli {

json::object release_json(const release::Release& release);
std::string release_text(const release::Release& release);

json::array findings_json(const std::vector<release::Finding>& findings);
// A line each: "release.xml:7: error: …".
std::string findings_text(const release::Release& release, const std::vector<release::Finding>& findings);

json::object answer_json(const release::Release& release, const resolve::Answer& answer);

}  // namespace lockstep::cli
