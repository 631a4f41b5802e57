#include "manifests/plan/validate.hpp"

#include <algorithm>
#include <string>

#include "manifests/plan/relations.hpp"
#include "manifests/plan/weight.hpp"

namespace lockstep::plan {
namespace {

using model::Catalogue;
using model::Component;
using model::none;
using model::Part;

Fail<Error> wrong(std::string what) { return fail(ErrorKind::invalid, std::move(what)); }

bool has(const Component& component, Index v) { return v >= 0 && at(v) < component.versions.size(); }
bool has(const Catalogue& catalogue, Index component, Index version) {
  return component >= 0 && at(component) < catalogue.components.size() &&
         has(catalogue.components[at(component)], version);
}

Outcome<> validate_device(const Component& c, const Part& part) {
  const std::string who = "the start of " + c.label();
  if (part.active < model::torn || (part.active >= 0 && !has(c, part.active))) return wrong(who + " is no version of it");
  for (const Index v : {part.fallback, part.staged}) {
    if (v != none && !has(c, v)) return wrong(who + " has something in a slot that is no version of it");
  }
  if (!part.alive.empty()) return wrong(who + " has versions alive, but it is on the device");
  if (part.active == none && (part.counter != 0 || part.epoch != 0)) {
    return wrong(who + " has a counter or data, but it is absent");
  }
  const bool plain = part.fallback == none && part.staged == none && !part.trial;
  if (!model::has_two_slots(c.kind) || part.active == none) {
    return plain ? Outcome<>() : wrong(who + " has a second slot, but it is " + (part.active == none ? "absent" : "single"));
  }
  if (part.active == model::torn) return wrong(who + " is torn, but it has two slots");
  if (part.fallback != none && part.staged != none) return wrong(who + " has a fallback and something staged in one slot");
  if (part.trial && part.fallback == none) return wrong(who + " is on trial without a fallback");
  if (!part.trial && part.fallback != none && c.kind == model::Kind::ab_trial) {
    return wrong(who + " has a fallback, but it is not on trial");
  }
  return {};
}

Outcome<> validate_software(const Component& c, const Part& part) {
  const std::string who = "the start of " + c.label();
  if (part.fallback != none || part.staged != none || part.trial) return wrong(who + " has slots, but it is software");
  for (std::size_t n = 0; n < part.alive.size(); ++n) {
    if (!has(c, part.alive[n])) return wrong(who + " has something alive that is no version of it");
    if (n > 0 && part.alive[n] <= part.alive[n - 1]) return wrong(who + " has its versions alive not in order");
  }
  return {};
}

}  // namespace

Outcome<> validate(const Catalogue& catalogue) {
  for (const Component& c : catalogue.components) {
    const auto self = static_cast<Index>(&c - catalogue.components.data());
    if (c.versions.size() > most_versions) return wrong(c.label() + " has more than 256 versions");
    if (c.reboots > most_reboots) return wrong(c.label() + " costs more than 1000 reboots");
    if (c.via != none && (c.via < 0 || at(c.via) >= catalogue.components.size() || c.via == self)) {
      return wrong(c.label() + " is written through something that there is not");
    }
    for (const model::Record& r : c.versions) {
      const std::string who = c.label() + ' ' + r.version.text();
      if (r.bytes > most_bytes) return wrong(who + " has more than 256 GiB");
      for (const model::Need& need : r.needs) {
        if (need.component < 0 || at(need.component) >= catalogue.components.size()) {
          return wrong(who + " requires a component that there is not");
        }
        if (need.component == self) return wrong(who + " requires something of itself");
      }
    }
  }
  return {};
}

Outcome<> validate(const model::Problem& problem) {
  if (problem.catalogue == nullptr) return wrong("the problem has no catalogue");
  const Catalogue& catalogue = *problem.catalogue;
  const std::size_t size = catalogue.components.size();
  if (problem.start.parts.size() != size || problem.goal.versions.size() != size) {
    return wrong("start and goal must speak of each component of the catalogue");
  }
  for (std::size_t i = 0; i < size; ++i) {
    const Component& c = catalogue.components[i];
    const Part& part = problem.start.parts[i];
    LOCKSTEP_CHECK(model::on_device(c.kind) ? validate_device(c, part) : validate_software(c, part));
    const Index goal = problem.goal.versions[i];
    if (goal != none && !has(c, goal)) return wrong("the goal of " + c.label() + " is no version of it");
  }
  for (const model::Ban& ban : problem.bans) {
    if (!has(catalogue, ban.component, ban.version)) return wrong("a ban names a version that there is not: " + ban.reason);
  }
  for (const model::Target& t : problem.stuck) {
    if (!has(catalogue, t.component, t.version)) return wrong("a stuck version is one that there is not");
    const auto& alive = problem.start.parts[at(t.component)].alive;
    if (std::find(alive.begin(), alive.end(), t.version) == alive.end()) {
      return wrong(catalogue.name(t.component, t.version) + " is stuck, but not in use");
    }
  }
  return {};
}

}  // namespace lockstep::plan
