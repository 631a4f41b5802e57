// The newest versions that a device can get under what people have said. manifests/choose says which go together, planner
// and checker which of those can be reached: the newest set comes first, and one that no certified plan leads to is passed
// over for the next one, and named.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "manifests/choose/choose.hpp"
#include "manifests/propose/propose.hpp"
#include "manifests/propose/wishes.hpp"

namespace lockstep::propose {

// One component that the device has, or software that is in use with it. Versions are texts.
struct Chosen {
  std::string component;
  std::string now;                      // "torn"; "4.0.0, 4.1.0" when several are in use
  std::string chosen;                   // the same, in the end
  std::string newest;                   // that any release describes; empty: none does
  std::vector<std::string> why_not_newer = {};  // when chosen is older than that
};

// Versions that are consistent with each other and with what was said, and that no plan reaches together.
struct PassedOver {
  std::vector<std::string> versions;  // "app 3.0.0"; none: what is there now is not safe already
  std::vector<std::string> reasons;   // a sentence each; sets that come late have none
};

struct Newest {
  // Of the sets. found: there is a consistent one. none: `causes` say why. gave_up: nothing is known.
  choose::Choice::Verdict sets = choose::Choice::Verdict::none;
  std::vector<std::string> causes = {};
  std::vector<PassedOver> passed_over = {};  // the newest first
  bool tried_all = true;                     // false: after many that cannot be reached it stopped; the proposal gave up
  std::vector<Chosen> components = {};       // that the proposal leads to, the weightiest first; empty when there is none
  Proposal proposal = {};
};

// What the proposal was made from, for who explains it.
struct NewestWay {
  Newest newest;
  model::Problem problem;  // found: the goal is the chosen set. Sets that no plan reaches: the goal is what was passed over first
  plan::Answer answer;     // to the problem; gave_up: nothing was looked for, or nothing is known
};

// {"verdict": "found" | "none" | "gave-up", "components": …}, the member "choice" below.
json::object choice_json(const Newest& newest);

// to_json(Proposal) and {"choice": {"verdict": "found" | "none" | "gave-up", "components": [{"component", "now", "chosen",
// "newest", "why_not_newer": []}], "passed_over": [{"versions": [], "reasons": []}], "tried_all", "causes": []}}.
json::object to_json(const Newest& newest);

// The device's components weigh more than the software beside it; among each, `first` and then the order of the names.
// With Scope::device software moves only as far as the firmware needs it, unless a pin or a hold says otherwise; with
// Scope::everything it becomes as new as it can. Prereleases count where they are already or where a pin admits them.
// What is held, untested or a prerelease is no step on the way either; a pin speaks only of the end.
// limits.expansions is for all plans together that are looked for.
// Errors: those of model::make_problem and plan::make_plan. not_found: a component that nobody knows. invalid: one that the
// device does not have, a pin that fits no version, pins and holds that leave nothing of a component, a hold on what is
// there where several versions are.
Outcome<NewestWay> find_newest(const Planner& planner, const model::Report& report, const Wishes& wishes, const Options& options);
Outcome<Newest> propose_newest(const Planner& planner, const model::Report& report, const Wishes& wishes, const Options& options);

}  // namespace lockstep::propose
