#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::plan_file {

std::vector<Fault> reverts(const Document& d, std::size_t step) {
  const State& from = d.before(step);
  std::vector<Fault> out;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const model::Kind kind = d.components[i].kind;
    const bool may = kind == model::Kind::ab_late || (kind == model::Kind::ab_trial && from[i].trial);
    if (!may || from[i].fallback.empty()) continue;
    State state = from;
    state[i].active = from[i].fallback;
    state[i].fallback.clear();
    state[i].staged.clear();
    state[i].trial = false;
    out.push_back({Fault::Kind::revert, i, std::move(state)});
  }
  return out;
}

std::vector<Fault> cuts(const Document& d, std::size_t step) {
  std::vector<Fault> out;
  if (d.steps[step].act != model::Act::activate) return out;
  for (const Target& t : d.steps[step].targets) {
    if (d.components[t.component].kind != model::Kind::single) continue;
    State state = d.before(step);
    state[t.component].active.clear();
    state[t.component].torn = true;
    out.push_back({Fault::Kind::cut, t.component, std::move(state)});
  }
  return out;
}

std::optional<std::size_t> same_state(const Document& d, const State& state, std::size_t step) {
  while (step-- > 0) {
    if (d.before(step) == state) return step;
  }
  return std::nullopt;
}

}  // namespace lockstep::plan_file
