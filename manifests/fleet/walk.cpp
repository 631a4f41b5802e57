#include "manifests/fleet/walk.hpp"

#include <algorithm>
#include <map>

#include "manifests/check/check.hpp"

namespace lockstep::fleet {
namespace {

using model::Index;
using model::State;

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

void add(std::vector<Index>& alive, Index v) {
  const auto place = std::lower_bound(alive.begin(), alive.end(), v);
  if (place == alive.end() || *place != v) alive.insert(place, v);
}

void set_software(const model::Catalogue& catalogue, model::Plan& plan, const Alive& alive) {
  plan.start = beside(catalogue, plan.start, alive);
  for (State& s : plan.after) s = beside(catalogue, s, alive);
}

}  // namespace

void change_software(const model::Catalogue& catalogue, const Stage& stage, Alive& meanwhile, Alive& after) {
  if (stage.kind == Kind::expand) {
    const std::size_t i = at(stage.version.component);
    add(meanwhile[i], stage.version.version);
    if (catalogue.components[i].kind == model::Kind::service) after[i].clear();
    add(after[i], stage.version.version);
  }
  if (stage.kind == Kind::contract) std::erase(after[at(stage.version.component)], stage.version.version);
}

std::optional<Bad> first_bad(const Fleet& fleet, const std::vector<Stage>& stages, const Suppose& suppose) {
  const model::Catalogue& catalogue = *fleet.catalogue;
  std::map<std::size_t, State> now;
  for (const std::size_t d : suppose.stand) now.emplace(d, fleet.devices[d].state);
  for (const Stage& stage : stages) {
    for (const Move& m : stage.moves) now.emplace(m.device, fleet.devices[m.device].state);
  }
  Alive alive = fleet.alive;
  bool came = false;
  const auto keep = [&](Alive& software) {
    if (!suppose.stays) return;
    std::vector<Index>& versions = software[at(suppose.stays->component)];
    came = came || std::find(versions.begin(), versions.end(), suppose.stays->version) != versions.end();
    if (came) add(versions, suppose.stays->version);
  };
  const auto look = [&](std::size_t stage) -> std::optional<Bad> {
    for (const auto& [d, state] : now) {
      const Device& device = fleet.devices[d];
      const auto found = check::check_state(catalogue, device.board, beside(catalogue, state, alive));
      if (!found.empty()) return Bad{stage, names(device) + ": " + check::text(catalogue, device.board, found[0])};
    }
    return std::nullopt;
  };
  keep(alive);
  if (auto bad = look(0)) return bad;
  for (std::size_t n = 1; n <= stages.size(); ++n) {
    const Stage& stage = stages[n - 1];
    if (stage.kind == Kind::expand || stage.kind == Kind::contract) {
      Alive after = alive;
      change_software(catalogue, stage, alive, after);
      keep(alive);
      keep(after);
      if (auto bad = look(n)) return bad;
      alive = std::move(after);
      if (auto bad = look(n)) return bad;
    }
    for (const Move& m : stage.moves) {
      const Device& device = fleet.devices[m.device];
      model::Plan plan = m.plan;
      set_software(catalogue, plan, alive);
      if (const auto good = check::check(catalogue, plan); !good) {
        return Bad{n, names(device) + ": " + check::text(catalogue, device.board, good.error().violation)};
      }
      if (!plan.after.empty()) now[m.device] = plan.after.back();
    }
  }
  return std::nullopt;
}

void set_software(const Fleet& fleet, std::vector<Stage>& stages) {
  Alive alive = fleet.alive;
  for (Stage& stage : stages) {
    Alive meanwhile = alive;
    change_software(*fleet.catalogue, stage, meanwhile, alive);
    for (Move& m : stage.moves) set_software(*fleet.catalogue, m.plan, alive);
  }
}

}  // namespace lockstep::fleet
