// What one step costs. Private to this folder.
#pragma once

#include "manifests/model/state.hpp"

namespace lockstep::plan_file {

inline model::Cost cost_of(const model::Catalogue& catalogue, const model::Step& step) {
  model::Cost cost;
  for (const model::Target& t : step.targets) {
    const model::Component& c = catalogue.components[static_cast<std::size_t>(t.component)];
    const model::Record& r = c.versions[static_cast<std::size_t>(t.version)];
    switch (step.act) {
      case model::Act::stage: cost.bytes += r.bytes; break;
      case model::Act::activate:
        cost.reboots += c.reboots;
        if (c.kind == model::Kind::single) cost.bytes += r.bytes;
        break;
      case model::Act::finalise: ++cost.irreversible; break;
      case model::Act::publish:
      case model::Act::roll: ++cost.publications; break;
      case model::Act::confirm:
      case model::Act::retire: break;
    }
  }
  return cost;
}

inline void add(model::Cost& sum, const model::Cost& cost) {
  sum.irreversible += cost.irreversible;
  sum.reboots += cost.reboots;
  sum.publications += cost.publications;
  sum.bytes += cost.bytes;
}

}  // namespace lockstep::plan_file
