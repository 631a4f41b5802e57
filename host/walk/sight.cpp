#include "host/walk/sight.hpp"

#include <utility>

#include "manifests/model/passage.hpp"

namespace lockstep::walk {

using namespace model;

namespace {

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

std::string versions(const Catalogue& catalogue, Index component, const std::vector<Index>& list) {
  std::string out;
  for (const Index v : list) out += (out.empty() ? "" : ", ") + catalogue.name(component, v);
  return out.empty() ? "nothing" : out;
}

// "nothing" for none.
std::string slot_text(const Catalogue& catalogue, Index i, Index v) { return v == none ? "nothing" : catalogue.name(i, v); }

std::optional<std::string> idle_differs(const Catalogue& catalogue, Index i, const Part& expected, const Seen& seen) {
  const std::string label = catalogue.components[at(i)].label();
  if (seen.fallback && *seen.fallback != expected.fallback) {
    return label + " can go back to " + slot_text(catalogue, i, *seen.fallback) + ", not to " +
           slot_text(catalogue, i, expected.fallback);
  }
  if (seen.staged && *seen.staged != expected.staged) {
    return slot_text(catalogue, i, *seen.staged) + " waits in the other slot of " + label + ", not " +
           slot_text(catalogue, i, expected.staged);
  }
  const Index wanted = expected.staged != none ? expected.staged : expected.fallback;
  if (!seen.idle || wanted == none || *seen.idle == wanted) return {};
  return "the other slot of " + label + " holds " + slot_text(catalogue, i, *seen.idle) + ", not " +
         catalogue.name(i, wanted);
}

std::optional<std::string> differs(const Catalogue& catalogue, Index i, const Part& expected, const Seen& seen) {
  const Component& c = catalogue.components[at(i)];
  if (!seen.foreign.empty()) return c.label() + " runs " + seen.foreign + ", which no release describes";
  if (!on_device(c.kind)) {
    if (!seen.alive || *seen.alive == expected.alive) return {};
    return versions(catalogue, i, *seen.alive) + " in use, not " + versions(catalogue, i, expected.alive);
  }
  if (seen.active && *seen.active != expected.active)
    return catalogue.name(i, *seen.active) + " is there, not " + catalogue.name(i, expected.active);
  if (seen.trial && *seen.trial != expected.trial)
    return catalogue.name(i, expected.active) + (expected.trial ? " is not on trial" : " is on trial");
  if (seen.counter && *seen.counter != expected.counter)
    return c.label() + " has security counter " + std::to_string(*seen.counter) + ", not " + std::to_string(expected.counter);
  if (seen.epoch && *seen.epoch != expected.epoch)
    return "the data of " + c.label() + " is of epoch " + std::to_string(*seen.epoch) + ", not " + std::to_string(expected.epoch);
  return idle_differs(catalogue, i, expected, seen);
}

}  // namespace

Sight sight_of(const Catalogue& catalogue, const State& state) {
  Sight out(state.parts.size());
  for (std::size_t i = 0; i < state.parts.size(); ++i) {
    const Part& p = state.parts[i];
    if (!on_device(catalogue.components[i].kind)) {
      out[i].alive = p.alive;
      continue;
    }
    out[i].active = p.active;
    out[i].trial = p.trial;
    out[i].fallback = p.fallback;
    out[i].staged = p.staged;
    out[i].counter = p.counter;
    out[i].epoch = p.epoch;
  }
  return out;
}

std::optional<std::string> difference(const Catalogue& catalogue, const State& expected, const Sight& seen) {
  for (std::size_t i = 0; i < expected.parts.size(); ++i)
    if (auto why = differs(catalogue, static_cast<Index>(i), expected.parts[i], seen[i])) return why;
  return {};
}

std::vector<State> repeatable(const Catalogue& catalogue, const State& before, const Step& step) {
  auto passage = take_step(catalogue, before, step);
  if (!passage) return {};
  std::vector<State> middle = std::move(passage->moments);
  const State after = std::move(middle.back());
  middle.pop_back();
  std::erase_if(middle, [&](const State& moment) {
    const auto again = take_step(catalogue, moment, step);
    return moment == after || !again || again->moments.back() != after || !comes_directly(catalogue, moment, step.targets.front());
  });
  return middle;
}

std::vector<Index> gone_back(const Catalogue& catalogue, const State& expected, const Sight& seen) {
  std::vector<Index> out;
  for (std::size_t i = 0; i < expected.parts.size(); ++i) {
    const auto component = static_cast<Index>(i);
    if (!differs(catalogue, component, expected.parts[i], seen[i])) continue;
    if (!may_revert(catalogue, expected, component)) return {};
    Part back = expected.parts[i];
    revert(back);
    if (differs(catalogue, component, back, seen[i])) return {};
    out.push_back(component);
  }
  return out;
}

}  // namespace lockstep::walk
