#include "manifests/model/state.hpp"

namespace lockstep::model {

std::string_view text(Act act) {
  switch (act) {
    case Act::stage: return "stage";
    case Act::activate: return "activate";
    case Act::confirm: return "confirm";
    case Act::finalise: return "finalise";
    case Act::publish: return "publish";
    case Act::retire: return "retire";
    case Act::roll: return "roll";
  }
  return {};
}

std::string text(const Catalogue& catalogue, const Step& step) {
  std::string out(text(step.act));
  for (const Target& target : step.targets) {
    out += &target == step.targets.data() ? " " : " and ";
    out += catalogue.name(target.component, target.version);
  }
  return out;
}

}  // namespace lockstep::model
