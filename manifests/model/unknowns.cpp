#include "manifests/model/unknowns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace lockstep::model {
namespace {

// What the active version does with its data; a torn one tells nothing.
release::Data data_of(const Component& component, Index active) {
  return active < 0 ? release::Data{} : component.versions[static_cast<std::size_t>(active)].data;
}

// The epochs that the data may have when nobody reports it.
std::set<std::uint32_t> possible_epochs(const Component& component, Index active) {
  const release::Data now = data_of(component, active);
  if (now.writes && now.at_boot) return {*now.writes};
  std::set<std::uint32_t> out;
  if (now.reads(0)) out.insert(0);
  for (const Record& r : component.versions) {
    if (r.data.writes && now.reads(*r.data.writes)) out.insert(*r.data.writes);
  }
  if (out.empty()) out.insert(now.reads_lowest);
  return out;
}

}  // namespace

std::uint32_t Unknowns::epoch(const Component& component, Index active, std::optional<std::uint32_t> reported) {
  if (reported) return *reported;
  const auto possible = possible_epochs(component, active);
  const auto writes = data_of(component, active).writes;
  return writes && possible.contains(*writes) ? *writes : *possible.rbegin();
}

bool Unknowns::is_there(Index component, Index version) const {
  const Part& p = part(component);
  return p.active == version || std::find(p.alive.begin(), p.alive.end(), version) != p.alive.end();
}

// Whether the need of that version holds now, or may have to after a revert.
bool Unknowns::demands(Index component, Index version, When when) const {
  const Part& p = part(component);
  if (when == When::during_flash) return false;
  return is_there(component, version) || p.fallback == version || (p.staged == version && when == When::installed);
}

bool Unknowns::nobody_knows_use(const std::string& software) const {
  if (std::find(report_.unused.begin(), report_.unused.end(), software) != report_.unused.end()) return false;
  return std::none_of(report_.in_use.begin(), report_.in_use.end(), [&](const auto& use) { return use.component == software; });
}

std::string Unknowns::objection(const Need& need) const {
  const Component& other = at(need.component);
  if (on_device(other.kind)) {
    if (part(need.component).active != none) return {};
    const bool is_a_name = other.versions.empty() && !other.declared;
    return fmt::format("{} has none{}", who_, is_a_name ? " and no software of that name is known" : "");
  }
  return nobody_knows_use(other.name) ? "no version of it is known to be in use with " + who_ : std::string();
}

void Unknowns::ban_unmet(Index component, Index version, std::vector<Ban>& bans) const {
  for (const Need& need : catalogue_.record(component, version).needs) {
    const std::string why = objection(need);
    if (why.empty()) continue;
    bans.push_back({component, version,
                    fmt::format("{} requires {} {} ({}), but {}", catalogue_.name(component, version),
                                at(need.component).name, need.range.text(), need.at.text(), why)});
    return;
  }
}

void Unknowns::ban_silent(Index component, Index version, std::vector<Ban>& bans) const {
  const Record& record = catalogue_.record(component, version);
  for (std::size_t s = 0; s < catalogue_.components.size(); ++s) {
    const Component& software = catalogue_.components[s];
    if (std::find(record.silent_on.begin(), record.silent_on.end(), software.name) == record.silent_on.end()) continue;
    for (const Index alive : start_.parts[s].alive) {
      if (!software.versions[static_cast<std::size_t>(alive)].bare) continue;
      bans.push_back({component, version,
                      fmt::format("{} is in use, but nothing says whether it works with {} ({})",
                                  catalogue_.name(static_cast<Index>(s), alive), catalogue_.name(component, version),
                                  record.at.text())});
      return;
    }
  }
}

void Unknowns::ban_unreadable(Index component, std::vector<Ban>& bans) const {
  const Component& c = at(component);
  const Index active = part(component).active;
  if (active == none) return;
  const auto slots = std::find_if(report_.slots.begin(), report_.slots.end(),
                                  [&](const Slots& s) { return s.component == c.name; });
  if (slots != report_.slots.end() && slots->epoch) return;
  const auto possible = possible_epochs(c, active);
  for (std::size_t v = 0; v < c.versions.size(); ++v) {
    const release::Data& data = c.versions[v].data;
    const auto unread = std::find_if(possible.begin(), possible.end(), [&](std::uint32_t e) { return !data.reads(e); });
    if (unread == possible.end() || possible.size() == 1 || static_cast<Index>(v) == active) continue;
    bans.push_back({component, static_cast<Index>(v),
                    fmt::format("the data of {} may be of epoch {}, because {} does not report it, and {} does not read "
                                "that ({})", c.name, *unread, who_, catalogue_.name(component, static_cast<Index>(v)),
                                c.versions[v].at.text())});
  }
}

std::vector<Ban> Unknowns::bans() const {
  std::vector<Ban> out;
  for (std::size_t i = 0; i < catalogue_.components.size(); ++i) {
    const auto component = static_cast<Index>(i);
    if (on_device(at(component).kind)) ban_unreadable(component, out);
    for (std::size_t v = 0; v < at(component).versions.size(); ++v) {
      const auto version = static_cast<Index>(v);
      if (at(component).versions[v].bare) {
        out.push_back({component, version,
                       fmt::format("no release describes {}", catalogue_.name(component, version))});
      } else if (!is_there(component, version)) {
        ban_unmet(component, version, out);
        ban_silent(component, version, out);
      }
    }
  }
  return out;
}

std::vector<std::string> Unknowns::missing() const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < catalogue_.components.size(); ++i) {
    const auto component = static_cast<Index>(i);
    for (std::size_t v = 0; v < at(component).versions.size(); ++v) {
      const auto version = static_cast<Index>(v);
      for (const Need& need : at(component).versions[v].needs) {
        // What is asked of software depends on who uses what; that is no reason to leave the device as it is.
        if (!on_device(at(need.component).kind) || !demands(component, version, need.when)) continue;
        const std::string why = objection(need);
        if (why.empty()) continue;
        out.push_back(fmt::format("{} is {} and requires {} {} ({}), but {}", catalogue_.name(component, version),
                                  on_device(at(component).kind) ? "on " + who_ : "in use", at(need.component).name,
                                  need.range.text(), need.at.text(), why));
      }
    }
  }
  return out;
}

}  // namespace lockstep::model
