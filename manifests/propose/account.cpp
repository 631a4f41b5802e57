#include "manifests/propose/account.hpp"

#include <algorithm>

#include "manifests/explain/bridge.hpp"
#include "manifests/explain/faults.hpp"
#include "manifests/explain/horizon.hpp"
#include "manifests/explain/nearest.hpp"
#include "manifests/explain/order.hpp"
#include "manifests/explain/stops.hpp"
#include "manifests/explain/widen.hpp"

namespace lockstep::propose {
namespace {

constexpr std::size_t most_bridges = 3;

// A step may fail at several places with the same words.
void add_once(explain::Lines& lines, std::string line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
}

Outcome<Section> stops(const model::Problem& problem, const plan::Answer& answer, const explain::Effort& effort) {
  Section out{"stops", "Why these stops", {}};
  LOCKSTEP_TRY(found, explain::why_stops(problem, answer.plan, answer.cost, effort));
  for (const explain::Stop& stop : found) {
    std::string line;  // "…, because", and the causes
    for (const std::string& part : text(problem, answer.cost, stop)) {
      line += (line.empty() ? "" : line.ends_with("because") ? " " : "; ") + part;
    }
    out.lines.push_back(std::move(line));
  }
  return out;
}

Section order(const model::Problem& problem, const model::Plan& plan) {
  Section out{"order", "Why this order", {}};
  for (const explain::Swap& swap : explain::why_order(*problem.catalogue, plan)) {
    out.lines.push_back(text(*problem.catalogue, swap));
  }
  return out;
}

Section faults(const model::Problem& problem, const model::Plan& plan) {
  Section out{"faults", "What if it fails here", {}};
  for (const explain::Fault& fault : explain::what_if_it_fails(*problem.catalogue, plan)) {
    if (fault.kind == explain::Fault::Kind::refusal) continue;  // nothing changed: the same step again
    add_once(out.lines, text(*problem.catalogue, plan, fault));
  }
  return out;
}

Section doors(const model::Problem& problem, const model::Plan& plan) {
  Section out{"doors", "What cannot be undone", {}};
  for (const explain::Door& door : explain::what_cannot_be_undone(*problem.catalogue, plan)) {
    out.lines.push_back(text(*problem.catalogue, plan, door));
  }
  return out;
}

Outcome<std::vector<Section>> of_plan(const model::Problem& problem, const plan::Answer& answer,
                                     const explain::Effort& effort) {
  LOCKSTEP_TRY(why_stops, stops(problem, answer, effort));
  return std::vector{std::move(why_stops), order(problem, answer.plan), faults(problem, answer.plan),
                     doors(problem, answer.plan)};
}

Outcome<std::vector<Section>> of_none(const model::Problem& problem, const explain::Effort& effort) {
  LOCKSTEP_TRY(why, explain::why_impossible(problem, effort));
  std::vector<Section> out{{"why", "Why there is no plan", text(problem, why)}};

  LOCKSTEP_TRY(near, explain::nearest(problem, effort));
  out.push_back({"nearest", "How near one can come today", near ? text(problem, *near) : explain::Lines{}});

  const std::span one(&problem, 1);
  LOCKSTEP_TRY(widenings, explain::widenings(one, effort));
  Section wider{"widenings", "Which wider range would help", {}};
  for (const explain::Widening& w : widenings) wider.lines.push_back(text(problem, 1, w));
  out.push_back(std::move(wider));

  LOCKSTEP_TRY(bridges, explain::bridges(one, most_bridges, effort));
  Section bridging{"bridges", "Which new release would help", {}};
  for (const explain::Bridge& b : bridges) bridging.lines.push_back(text(*problem.catalogue, 1, b));
  out.push_back(std::move(bridging));
  return out;
}

}  // namespace

json::object to_json(const Account& account) {
  json::array sections;
  for (const Section& s : account.sections) {
    sections.push_back({{"name", s.name}, {"title", s.title}, {"lines", json::array(s.lines.begin(), s.lines.end())}});
  }
  return {{"verdict", text(account.verdict)}, {"sections", std::move(sections)}};
}

Outcome<Account> account(const Planner& planner, const model::Report& report, const release::Release& target,
                         const Options& options) {
  LOCKSTEP_TRY(problem, make_problem(planner.catalogue(), report, target, options.scope));
  LOCKSTEP_TRY(answer, plan::make_plan(planner.relations(), problem,
                                       {.limits = options.limits, .finalise_at_end = options.finalise}));
  Account out{.verdict = answer.verdict, .sections = {}};
  if (answer.verdict == plan::Verdict::gave_up) return out;
  explain::Effort effort;
  effort.limits.stop = options.limits.stop;
  LOCKSTEP_TRY(sections,
               answer.verdict == plan::Verdict::found ? of_plan(problem, answer, effort) : of_none(problem, effort));
  std::erase_if(sections, [](const Section& s) { return s.lines.empty(); });
  out.sections = std::move(sections);
  return out;
}

}  // namespace lockstep::propose
