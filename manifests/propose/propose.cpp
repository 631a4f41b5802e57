#include "manifests/propose/propose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "manifests/check/check.hpp"
#include "manifests/explain/impossible.hpp"
#include "manifests/explain/mend.hpp"
#include "manifests/propose/alike.hpp"
#include "manifests/propose/obstacles.hpp"
#include "manifests/resolve/resolve.hpp"

namespace lockstep::propose {
namespace {

void add_once(std::vector<std::string>& lines, std::string line) {
  if (std::find(lines.begin(), lines.end(), line) == lines.end()) lines.push_back(std::move(line));
}

// What is known without a search: what the start violates already, bans of what is wanted in the end, what no order of steps
// can mend, bans of what could have helped.
std::vector<std::string> plain_reasons(const model::Problem& problem, bool start_is_bad, const model::Report& report,
                                    const release::Release& target) {
  const model::Catalogue& catalogue = *problem.catalogue;
  std::vector<std::string> out;
  if (start_is_bad) {
    for (const check::Violation& v : check::check_state(catalogue, problem.board, problem.start)) {
      add_once(out, "already now: " + check::text(catalogue, problem.board, v));
    }
    if (!out.empty()) out.push_back(explain::text(problem, explain::mends(problem)));
  }
  for (const model::Ban& ban : problem.bans) {
    if (problem.goal.versions[static_cast<std::size_t>(ban.component)] == ban.version)
      add_once(out, ban_text(catalogue, ban));
  }
  const std::vector<resolve::Check> alone = resolve::resolve(target, report.device, report.in_use).reasons();
  for (const resolve::Check& check : alone) {
    if (check.rule != resolve::Rule::requirement && check.rule != resolve::Rule::from) add_once(out, check.text());
  }
  for (const model::Ban& ban : problem.bans) {
    if (!catalogue.record(ban.component, ban.version).bare) add_once(out, ban_text(catalogue, ban));
  }
  return out;
}

// What the release alone says; an order of steps may mend some of it.
std::vector<std::string> reasons_alone(const model::Report& report, const release::Release& target) {
  std::vector<std::string> out;
  for (const resolve::Check& check : resolve::resolve(target, report.device, report.in_use).reasons())
    add_once(out, "taken alone: " + check.text());
  out.emplace_back(no_safe_order);
  return out;
}

// The smallest reason, searched for; nothing when none was found.
Outcome<std::vector<std::string>> smallest_reasons(const model::Problem& problem, const Options& options) {
  explain::Effort effort;
  effort.limits.stop = options.limits.stop;
  LOCKSTEP_TRY(why, explain::why_impossible(problem, effort));
  const bool known = why.how == explain::Impossible::How::impossible && !why.causes.empty();
  return known ? explain::clauses(problem, why) : explain::Lines();
}

// What two problems must have in common to be the same; the name of the device is none of it.
std::string key_of(const model::Problem& problem) {
  std::string out = problem.board.board + '\n' + problem.board.revision.text() + '\n';
  const auto add = [&](auto... numbers) { ((out += std::to_string(numbers) + ' '), ...); };
  for (const model::Part& p : problem.start.parts) {
    add(p.active, p.fallback, p.staged, p.trial ? 1 : 0, p.counter, p.epoch, p.alive.size());
    for (const model::Index version : p.alive) add(version);
  }
  out += '\n';
  for (const model::Index version : problem.goal.versions) add(version);
  out += '\n';
  for (const model::Ban& ban : problem.bans) add(ban.component, ban.version);
  return out;
}

Rehearsal summed(std::vector<Group> groups) {
  Rehearsal out;
  std::set<std::string> published;  // once for all devices
  for (const Group& group : groups) {
    const std::uint64_t count = group.reports.size();
    if (!group.proposal || !group.proposal->document) {
      out.blocked += count;
      continue;
    }
    const plan_file::Document& plan = *group.proposal->document;
    (plan.steps.empty() ? out.there : out.ready) += count;
    out.cost.irreversible += plan.cost.irreversible * count;
    out.cost.reboots += plan.cost.reboots * count;
    out.cost.bytes += plan.cost.bytes * count;
    for (const plan_file::Step& step : plan.steps) {
      const bool once = step.act == model::Act::publish || step.act == model::Act::roll;
      if (once) published.insert(plan_file::text(plan, step));
    }
  }
  out.cost.publications = published.size();
  out.groups = std::move(groups);
  return out;
}

}  // namespace

std::string_view text(plan::Verdict verdict) {
  switch (verdict) {
    case plan::Verdict::found: return "found";
    case plan::Verdict::none: return "none";
    case plan::Verdict::gave_up: return "gave-up";
  }
  return {};
}

json::object to_json(const Proposal& proposal) {
  const bool found = proposal.document.has_value();
  json::array reasons(proposal.reasons.begin(), proposal.reasons.end());
  return {{"verdict", text(proposal.verdict)},
          {"certified", found},
          {"least", proposal.least},
          {"plan", found ? json::value(plan_file::to_json(*proposal.document)) : json::value(nullptr)},
          {"reasons", std::move(reasons)}};
}

Outcome<Planner> Planner::make(std::span<const release::Release> releases, std::span<const model::Report> reports) {
  LOCKSTEP_TRY(made, model::make_catalogue(releases));
  for (const auto& same : alike(reports)) {
    auto added = add_reported(made, reports[same[0]]);
    // One odd device must not keep a fleet from being planned: make_problem will say that its report was not taken.
    if (!added && reports.size() == 1) return Fail(added.error());
  }
  auto catalogue = std::make_unique<model::Catalogue>(std::move(made));
  LOCKSTEP_TRY(relations, plan::Relations::make(*catalogue));
  return Planner(releases, std::move(catalogue), std::move(relations));
}

Outcome<Proposal> Planner::propose(const model::Report& report, const release::Release& target,
                                   const Options& options) const {
  LOCKSTEP_TRY(problem, make_problem(*catalogue_, report, target, options.scope));
  return solve(problem, report, target, options, Reasons::smallest);
}

Outcome<Proposal> Planner::solve(const model::Problem& problem, const model::Report& report, const release::Release& target,
                                 const Options& options, Reasons reasons) const {
  LOCKSTEP_TRY(answer, plan::make_plan(relations_, problem,
                                       {.limits = options.limits, .finalise_at_end = options.finalise}));
  LOCKSTEP_TRY(out, certified(answer, report, target.version.text()));
  if (answer.verdict != plan::Verdict::none) return out;
  out.reasons = plain_reasons(problem, answer.start_is_bad, report, target);
  if (out.reasons.empty() && reasons == Reasons::smallest) {
    LOCKSTEP_TRY(found, smallest_reasons(problem, options));
    out.reasons = std::move(found);
  }
  if (out.reasons.empty()) out.reasons = reasons_alone(report, target);
  return out;
}

Outcome<Proposal> Planner::certified(const plan::Answer& answer, const model::Report& report, std::string target) const {
  Proposal out{.verdict = answer.verdict};
  if (answer.verdict != plan::Verdict::found) return out;
  const auto checked = check::check(*catalogue_, answer.plan);
  if (!checked) {
    return fail(ErrorKind::internal,
                "the checker refuses the plan that was found: " +
                    check::text(*catalogue_, answer.plan, checked.error()),
                "do not update this device; report the releases and what the device says as a defect");
  }
  out.least = answer.least();
  const std::string name = report.device.name.empty() ? "the device" : report.device.name;
  out.document = plan_file::document(*catalogue_, answer.plan,
                                     {.device = name, .target = std::move(target), .releases = releases_});
  return out;
}

Rehearsal Planner::rehearse(std::span<const model::Report> reports, const release::Release& target,
                            const Options& options) const {
  return summed(plan_groups(reports, target, options));
}

std::vector<Group> Planner::plan_groups(std::span<const model::Report> reports, const release::Release& target,
                                        const Options& options) const {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> known;
  for (const auto& same : alike(reports)) {
    auto problem = make_problem(*catalogue_, reports[same[0]], target, options.scope);
    if (!problem) {
      // The error names the device, so each such device is alone.
      for (const std::size_t i : same) groups.push_back({{i}, propose(reports[i], target, options)});
      continue;
    }
    // Different reports may come to the same problem: what the target has nothing to do with, for instance.
    const auto [place, is_new] = known.emplace(key_of(*problem), groups.size());
    if (is_new) groups.push_back({{}, solve(*problem, reports[same[0]], target, options, Reasons::at_hand)});
    std::vector<std::size_t>& members = groups[place->second].reports;
    members.insert(members.end(), same.begin(), same.end());
  }
  for (Group& group : groups) std::sort(group.reports.begin(), group.reports.end());
  std::sort(groups.begin(), groups.end(),
                   [](const Group& a, const Group& b) {
                     if (a.reports.size() != b.reports.size()) return a.reports.size() > b.reports.size();
                     return a.reports[0] < b.reports[0];
                   });
  return groups;
}

}  // namespace lockstep::propose
