// lockstep plan make | device with --to newest: which versions, how one gets there, or why there are none.
#pragma once

#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/json.hpp"
#include "host/cli/device_options.hpp"
#include "host/cli/plan_output.hpp"
#include "host/cli/terminal.hpp"
#include "host/cli/wish_options.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::cli {

struct NewestQuestion {
  std::string product;  // empty: that of the releases
  const std::vector<release::Release>& releases;
  const DeviceOptions& device;
  const WishOptions& wishes;
  const EvidenceOptions& evidence;
  const ScopeOptions& scope;
  bool only_obstacles = false;  // of an account: propose::Options
};

// The document of propose::to_json, which the daemon answers, too. Errors: not_found, no releases, or none of the product;
// those of reading evidence, and of Planner::make and propose_newest.
Outcome<json::object> newest_from_files(Terminal& terminal, const NewestQuestion& question);
// The same question for propose::account_of_newest, and its document.
Outcome<json::object> newest_account_from_files(Terminal& terminal, const NewestQuestion& question);

// What the daemon did not choose from.
void note_left_out(Terminal& terminal, const json::object& answer);

// Shows the answer, writes the plan. Errors: refused, there is no set, or no plan to any; those of write_outputs.
Outcome<> show_newest(Terminal& terminal, const json::object& answer, const std::string& device, const OutOptions& out);

}  // namespace lockstep::cli
