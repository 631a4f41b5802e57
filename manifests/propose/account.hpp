// Everything that can be said about the way of one device to one release: why it is as it is, or why there is none and what
// would make one.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <vector>

#include "manifests/explain/lines.hpp"
#include "manifests/propose/newest.hpp"
#include "manifests/propose/propose.hpp"

namespace lockstep::propose {

struct Section {
  std::string name;   // for programs: "order"
  std::string title;  // "Why this order"
  explain::Lines lines;
};

struct Account {
  plan::Verdict verdict = plan::Verdict::none;
  // found: stops, order, faults, doors. none: why, nearest, widenings, bridges. gave_up: nothing. Sections without
  // lines are left out.
  std::vector<Section> sections;
  std::optional<Newest> newest = {};  // of account_of_newest
};

// {"verdict": …, "sections": [{"name": …, "title": …, "lines": []}]}; of the newest versions also "choice", as Newest has it.
json::object to_json(const Account& account);

// For Planner::propose's question. A single explanation asks the planner some dozens of times (explain::Effort).
// With options.only_obstacles the account of a plan that there is has no sections.
// Errors: those of Planner::propose and of manifests/explain.
Outcome<Account> account(const Planner& planner, const model::Report& report, const release::Release& target,
                         const Options& options);

// For propose_newest's question. found: `newer`, why nothing newer, and `passed_over`, which newer sets no plan reaches, and
// then as above. none: `why` no set goes together; or `passed_over`, and as above for the first of them, the newest. gave_up:
// `passed_over`. With options.only_obstacles of a plan that there is only `newer` and `passed_over`.
// Errors: those of propose_newest and of manifests/explain.
Outcome<Account> account_of_newest(const Planner& planner, const model::Report& report, const Wishes& wishes,
                                   const Options& options);

}  // namespace lockstep::propose
