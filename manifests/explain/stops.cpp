#include "manifests/explain/stops.hpp"

#include <algorithm>

namespace lockstep::explain {
namespace {

using namespace model;

bool is_at_start(const Part& p, Index v) {
  return p.active == v || p.fallback == v || p.staged == v || std::find(p.alive.begin(), p.alive.end(), v) != p.alive.end();
}

Problem forbidding(const Problem& problem, const Target& t) {
  Problem out = problem;
  out.bans.push_back({t.component, t.version, "not on the way"});
  return out;
}

Outcome<Stop> why_stop(const Problem& problem, const Target& t, const Cost& cost, const Effort& effort) {
  Stop out{.step = 0, .version = t, .how = Stop::How::unknown, .causes = {}, .cost = {}, .plan = {}};
  const Problem other = forbidding(problem, t);
  LOCKSTEP_TRY(answer, plan::make_plan(other, {.limits = effort.limits}));
  if (answer.verdict == plan::Verdict::gave_up) return out;
  if (answer.verdict == plan::Verdict::found) {
    out.how = cost < answer.cost ? Stop::How::dearer : Stop::How::as_good;
    out.cost = answer.cost;
    out.plan = std::move(answer.plan);
    return out;
  }
  LOCKSTEP_TRY(why, why_impossible(other, effort));
  if (why.how != Impossible::How::impossible) return out;
  out.how = Stop::How::needed;
  // That it is forbidden was our question, not an answer.
  for (const Cause& cause : why.causes) {
    if (cause.constraint.what != What::ban || cause.constraint.number != problem.bans.size()) out.causes.push_back(cause);
  }
  return out;
}

std::string difference(const Cost& with, const Cost& without) {
  const auto say = [](std::string_view what, std::uint64_t a, std::uint64_t b) { return fmt::format("{} {} instead of {}", b, what, a); };
  if (with.irreversible != without.irreversible) return say("acts that cannot be undone", with.irreversible, without.irreversible);
  if (with.reboots != without.reboots) return say("reboots", with.reboots, without.reboots);
  if (with.publications != without.publications) return say("publications", with.publications, without.publications);
  return say("bytes", with.bytes, without.bytes);
}

}  // namespace

Outcome<std::vector<Stop>> why_stops(const Problem& problem, const Plan& plan, const Cost& cost, const Effort& effort) {
  std::vector<Stop> out;
  for (std::size_t n = 0; n < plan.steps.size(); ++n) {
    const Step& step = plan.steps[n];
    if (step.act != Act::activate && step.act != Act::publish && step.act != Act::roll) continue;
    for (const Target& t : step.targets) {
      const std::size_t i = static_cast<std::size_t>(t.component);
      if (problem.goal.versions[i] == t.version || is_at_start(problem.start.parts[i], t.version)) continue;
      LOCKSTEP_TRY(stop, why_stop(problem, t, cost, effort));
      stop.step = n + 1;
      out.push_back(std::move(stop));
    }
  }
  return out;
}

Lines text(const Problem& problem, const Cost& cost, const Stop& stop) {
  const std::string name = problem.catalogue->name(stop.version.component, stop.version.version);
  switch (stop.how) {
    case Stop::How::unknown: return {name + ": the planner gave up before it knew whether it can be left out"};
    case Stop::How::as_good: return {name + ": there is a way without it that costs the same"};
    case Stop::How::dearer: return {fmt::format("{}: without it {}", name, difference(cost, stop.cost))};
    case Stop::How::needed: break;
  }
  Lines out{name + ": without it there is no way, because"};
  for (const Cause& cause : stop.causes) out.push_back(text(problem, cause.constraint));
  return out;
}

}  // namespace lockstep::explain
