#include "manifests/fleet/alone.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "manifests/explain/impossible.hpp"
#include "manifests/fleet/check_fleet.hpp"

namespace lockstep::fleet {
namespace {

using plan::at;
using plan::Verdict;

Alive after(const Fleet& fleet, const std::vector<Stage>& stages) {
  Alive now = fleet.alive;
  for (const Stage& stage : stages) {
    Alive then = now;
    change_software(*fleet.catalogue, stage, now, then);
    now = std::move(then);
  }
  return now;
}

// Versions in use on which more people stay than may.
std::vector<model::Target> stuck(const Fleet& fleet, const Alive& alive) {
  std::vector<model::Target> out;
  for (const Adoption& a : fleet.adoption) {
    const auto& in_use = alive[at(a.version.component)];
    const bool is_app = fleet.catalogue->components[at(a.version.component)].kind == model::Kind::app;
    const bool stays = is_app && a.stay > may_remain(fleet, a.version.component);
    if (stays && std::count(in_use.begin(), in_use.end(), a.version.version) != 0) out.push_back(a.version);
  }
  return out;
}

std::string waking_text(const model::Catalogue& catalogue, const model::Plan& plan) {
  if (plan.steps.empty()) return "it has what it should";
  std::vector<std::string> of_people;
  for (const model::Step& step : plan.steps) {
    if (!model::on_device(catalogue.components[at(step.targets[0].component)].kind)) of_people.push_back(model::text(catalogue, step));
  }
  return of_people.empty() ? "it can go when it wakes" : fmt::format("when it wakes it can go, with {} on the way", fmt::join(of_people, ", "));
}

}  // namespace

model::Problem alone(const Fleet& fleet, const Device& device, const Alive& alive) {
  return {.catalogue = fleet.catalogue, .board = device.board, .start = beside(*fleet.catalogue, device.state, alive),
          .goal = device.goal, .bans = device.bans};
}

Outcome<std::string> why_no_way(const model::Problem& problem, Verdict verdict) {
  if (verdict == Verdict::gave_up) return std::string(not_known);
  LOCKSTEP_TRY(causes, explain::why_impossible(problem));
  return explain::sentence(problem, causes);
}

Outcome<Left> when_it_wakes(const plan::Relations& relations, const Fleet& fleet, const std::vector<Stage>& stages, std::size_t device,
                            const plan::Limits& limits) {
  const Alive end = after(fleet, stages);
  model::Problem problem = alone(fleet, fleet.devices[device], end);
  problem.stuck = stuck(fleet, end);
  LOCKSTEP_TRY(answer, plan::make_plan(relations, problem, {.limits = limits}));
  Left out{.how = Left::How::asleep, .device = device, .count = fleet.devices[device].count, .why = "safe as it was last seen, at every stage; "};
  if (answer.verdict != Verdict::found) {
    LOCKSTEP_TRY(why, why_no_way(problem, answer.verdict));
    out.how = Left::How::blocked;
    out.why += "asleep, and when it wakes there is no way for it: " + why;
    return out;
  }
  out.why += waking_text(*fleet.catalogue, answer.plan);
  out.later = std::move(answer.plan);
  return out;
}

}  // namespace lockstep::fleet
