#include "host/hil/rig_software.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/base/text.hpp"

namespace lockstep::hil {
namespace {

std::set<std::string> names(const Releases& releases) {
  std::set<std::string> out;
  for (const auto& [role, release] : releases) {
    for (const release::Software& software : release.software) out.insert(software.component);
    for (const release::Component& component : release.components)
      if (!release::on_device(component.kind)) out.insert(component.name);
  }
  return out;
}

}  // namespace

std::vector<std::string> unused_software(const Releases& releases, const Dut& dut) {
  std::set<std::string> out = names(releases);
  for (const auto& [component, version] : dut.software) out.erase(component);
  return {out.begin(), out.end()};
}

std::string unknown_software(const Releases& releases, const Rig& rig) {
  const std::set<std::string> all = names(releases);
  const std::vector<std::string> known(all.begin(), all.end());
  for (const auto& [component, version] : rig.dut.software) {
    if (all.contains(component)) continue;
    const auto near = closest(component, known);
    return fmt::format("rig {} is used with {}, which no release of the run describes as software{}", rig.id, component,
                       near ? ", did you mean " + *near + "?" : "");
  }
  return {};
}

}  // namespace lockstep::hil
