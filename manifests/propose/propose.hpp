// From releases and reports to certified plans: for one device, and for a whole fleet.
//
//   LOCKSTEP_TRY(planner, Planner::make(releases, reports));
//   LOCKSTEP_TRY(proposal, planner.propose(reports[0], releases.back(), {}));
//
// What leaves here as a plan was certified by manifests/check; a plan that the checker refuses is a defect, and an error.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "manifests/model/problem.hpp"
#include "manifests/plan/plan.hpp"
#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::propose {

struct Options {
  plan::Limits limits;
  bool finalise = false;  // with the steps after which there is no way back
  model::Scope scope = model::Scope::device;
  bool only_obstacles = false;  // account: nothing about why a plan that there is looks as it does
  std::uint64_t row_nodes = 20'000;  // of the search why one component of the newest set is not newer (choose::Wish::nodes)
};

struct Proposal {
  plan::Verdict verdict = plan::Verdict::none;
  std::optional<plan_file::Document> document = {};  // found
  bool least = false;                                // found: proved that no cheaper plan exists
  // none: what stands in the way, a sentence each, the weightiest first. When nothing is known without a search, the smallest
  // reason is searched for; of the groups of a rehearsal it is not, and they say what the release alone says.
  std::vector<std::string> reasons = {};
};

// {"verdict": "found" | "none" | "gave-up", "certified", "least", "plan": plan_file's document or null, "reasons": []}
json::object to_json(const Proposal& proposal);
std::string_view text(plan::Verdict verdict);

// Devices that say the same, and what is proposed to each of them.
struct Group {
  std::vector<std::size_t> reports;  // their places in the span, ascending
  Outcome<Proposal> proposal;        // an error: what must be known about them first
};

// What it comes to when all of them follow their plans.
struct Rehearsal {
  std::vector<Group> groups;
  std::uint64_t there = 0, ready = 0, blocked = 0;  // devices: with an empty plan, with one, with none
  model::Cost cost;                                 // of all; what is published or rolled counts once
};

class Planner {
 public:
  // Everything that the reports have is in the catalogue afterwards; of several, one that contradicts the releases is left
  // out, and planning for it is an error. Errors: those of model::make_catalogue, plan::Relations::make and, of a single
  // report, model::add_reported.
  static Outcome<Planner> make(std::span<const release::Release> releases, std::span<const model::Report> reports);

  // Errors: those of model::make_problem and plan::make_plan.
  Outcome<Proposal> propose(const model::Report& report, const release::Release& target, const Options& options) const;

  // What was found for a problem of this catalogue, checked, as a document. `target` as in plan_file::Document. Without
  // reasons. Errors: internal, the checker refuses it.
  Outcome<Proposal> certified(const plan::Answer& answer, const model::Report& report, std::string target) const;

  // The same for many, planned once for each different problem; the largest group first, then in the order of the reports.
  Rehearsal rehearse(std::span<const model::Report> reports, const release::Release& target, const Options& options) const;

  const model::Catalogue& catalogue() const { return *catalogue_; }
  const plan::Relations& relations() const { return relations_; }

 private:
  Planner(std::span<const release::Release> releases, std::unique_ptr<model::Catalogue> catalogue, plan::Relations relations)
      : releases_(releases.begin(), releases.end()), catalogue_(std::move(catalogue)), relations_(std::move(relations)) {}
  std::vector<Group> plan_groups(std::span<const model::Report> reports, const release::Release& target,
                                 const Options& options) const;
  enum class Reasons { at_hand, smallest };
  Outcome<Proposal> solve(const model::Problem& problem, const model::Report& report, const release::Release& target,
                          const Options& options, Reasons reasons) const;

  std::vector<release::Release> releases_;
  std::unique_ptr<model::Catalogue> catalogue_;  // where it is does not change: the relations point to it
  plan::Relations relations_;
};

}  // namespace lockstep::propose
