// Everything that can be said about the way of one device to one release: why it is as it is, or why there is none and what
// would make one.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "manifests/explain/lines.hpp"
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
};

// {"verdict": …, "sections": [{"name": …, "title": …, "lines": []}]}
json::object to_json(const Account& account);

// For Planner::propose's question. A single explanation asks the planner some dozens of times (explain::Effort).
// Errors: those of Planner::propose and of manifests/explain.
Outcome<Account> account(const Planner& planner, const model::Report& report, const release::Release& target,
                         const Options& options);

}  // namespace lockstep::propose
