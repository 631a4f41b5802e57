#include "manifests/propose/account.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>

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
  for (const explain::Fault& fault : explain::what_if_it_fails(problem, plan)) {
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

Section newer(const Newest& newest) {
  Section out{"newer", "Why nothing newer", {}};
  for (const Chosen& c : newest.components) {
    if (c.why_not_newer.empty()) continue;
    out.lines.push_back(fmt::format("{} {}, not {}: {}", c.component, c.chosen, c.newest, fmt::join(c.why_not_newer, "; ")));
  }
  return out;
}

Section passed_over(const Newest& newest) {
  Section out{"passed_over", "Newer, but no certified plan leads there", {}};
  for (const PassedOver& p : newest.passed_over) {
    const std::string versions = p.versions.empty() ? "what is there now is not safe already" : explain::listed(p.versions);
    out.lines.push_back(p.reasons.empty() ? versions : fmt::format("{}: {}", versions, fmt::join(p.reasons, "; ")));
  }
  return out;
}

Outcome<std::vector<Section>> of_newest(const NewestWay& way, bool only_obstacles, const explain::Effort& effort) {
  const Newest& newest = way.newest;
  if (newest.sets == choose::Choice::Verdict::none) {
    const choose::Choice choice{.verdict = newest.sets, .versions = {}, .causes = newest.causes};
    return std::vector{Section{"why", "Why no versions go together", choose::derivation_lines(choice)}};
  }
  std::vector<Section> out{newer(newest), passed_over(newest)};
  const bool enough = way.answer.verdict == plan::Verdict::found && only_obstacles;
  if (enough || way.answer.verdict == plan::Verdict::gave_up) return out;
  LOCKSTEP_TRY(more, way.answer.verdict == plan::Verdict::found ? of_plan(way.problem, way.answer, effort)
                                                               : of_none(way.problem, effort));
  std::move(more.begin(), more.end(), std::back_inserter(out));
  return out;
}

explain::Effort effort_of(const Options& options) {
  explain::Effort out;
  out.limits.stop = options.limits.stop;
  return out;
}

// Without those that say nothing.
std::vector<Section> telling(std::vector<Section> sections) {
  std::erase_if(sections, [](const Section& s) { return s.lines.empty(); });
  return sections;
}

}  // namespace

json::object to_json(const Account& account) {
  json::array sections;
  for (const Section& s : account.sections) {
    sections.push_back({{"name", s.name}, {"title", s.title}, {"lines", json::array(s.lines.begin(), s.lines.end())}});
  }
  json::object out{{"verdict", text(account.verdict)}, {"sections", std::move(sections)}};
  if (account.newest) out["choice"] = choice_json(*account.newest);
  return out;
}

Outcome<Account> account(const Planner& planner, const model::Report& report, const release::Release& target,
                         const Options& options) {
  LOCKSTEP_TRY(problem, make_problem(planner.catalogue(), report, target, options.scope));
  LOCKSTEP_TRY(answer, plan::make_plan(planner.relations(), problem,
                                       {.limits = options.limits, .finalise_at_end = options.finalise}));
  Account out{.verdict = answer.verdict, .sections = {}};
  const bool enough = answer.verdict == plan::Verdict::found && options.only_obstacles;
  if (enough || answer.verdict == plan::Verdict::gave_up) return out;
  const explain::Effort effort = effort_of(options);
  LOCKSTEP_TRY(sections,
               answer.verdict == plan::Verdict::found ? of_plan(problem, answer, effort) : of_none(problem, effort));
  out.sections = telling(std::move(sections));
  return out;
}

Outcome<Account> account_of_newest(const Planner& planner, const model::Report& report, const Wishes& wishes,
                                   const Options& options) {
  LOCKSTEP_TRY(way, find_newest(planner, report, wishes, options));
  LOCKSTEP_TRY(sections, of_newest(way, options.only_obstacles, effort_of(options)));
  return Account{.verdict = way.newest.proposal.verdict, .sections = telling(std::move(sections)), .newest = std::move(way.newest)};
}

}  // namespace lockstep::propose
