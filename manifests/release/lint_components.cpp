#include <fmt/format.h>

#include <algorithm>

#include "host/base/text.hpp"
#include "manifests/release/lint_rules.hpp"

namespace lockstep::release {
namespace {

constexpr std::uint32_t most_reboots = 1000;  // what a planner can add up

const Software* software_of(const Release& release, std::string_view component) {
  const auto found = std::find_if(release.software.begin(), release.software.end(),
                                  [&](const Software& s) { return s.component == component; });
  return found == release.software.end() ? nullptr : &*found;
}

std::vector<std::string> brought(const Release& release) {
  std::vector<std::string> out;
  for (const Firmware& f : release.firmware) out.push_back(f.component);
  for (const Software& s : release.software) out.push_back(s.component);
  return out;
}

// Whether something in the release refers to that name.
bool is_used(const Release& release, std::string_view name) {
  const auto all = parts(release);
  return std::any_of(all.begin(), all.end(), [&](const Part& part) {
           return std::any_of(part.needs.begin(), part.needs.end(), [&](const Requirement& r) { return r.component == name; });
         }) ||
         std::any_of(release.components.begin(), release.components.end(), [&](const Component& c) { return c.via == name; });
}

void check_kind(const Release& release, const Component& c, std::vector<Finding>& findings) {
  const Firmware* firmware = release.firmware_of(c.name);
  const Software* software = software_of(release, c.name);
  if (firmware != nullptr && !on_device(c.kind)) {
    add_error(findings, c.line, fmt::format("component {} is of kind {} here and firmware in line {}", c.name,
                                            text(c.kind), firmware->line));
  }
  if (software != nullptr && on_device(c.kind)) {
    add_error(findings, c.line, fmt::format("component {} is of kind {} here and software in line {}", c.name,
                                            text(c.kind), software->line));
  }
  // A kind that reaches nothing because of a slip of the pen would leave the real component with the usual one.
  if (firmware != nullptr || software != nullptr || is_used(release, c.name)) return;
  if (const auto meant = closest(c.name, brought(release))) {
    add_error(findings, c.line,
              fmt::format("this release does not bring {}; did you mean \"{}\"?", c.name, *meant));
  }
}

void check_via(const Release& release, const Component& c, std::vector<Finding>& findings) {
  if (c.via.empty()) return;
  if (!on_device(c.kind)) {
    return add_error(findings, c.line, fmt::format("{} is of kind {}: it is not written through anything on the device",
                                                   c.name, text(c.kind)));
  }
  if (c.via == c.name) return add_error(findings, c.line, fmt::format("{} is written through itself", c.name));
  const Component* said = release.component(c.via);
  const Software* software = software_of(release, c.via);
  if (software != nullptr || (said != nullptr && !on_device(said->kind))) {
    return add_error(findings, c.line,
                     fmt::format("{} is written through {}, which is not on the device (line {})", c.name, c.via,
                                 software != nullptr ? software->line : said->line));
  }
  if (said != nullptr || release.firmware_of(c.via) != nullptr) return;
  std::vector<std::string> names = brought(release);
  for (const Component& other : release.components) names.push_back(other.name);
  std::erase(names, c.name);
  const auto meant = closest(c.via, names);
  add_error(findings, c.line,
            fmt::format("{} is written through {}, which is unknown here; {}", c.name, c.via,
                        meant ? "did you mean \"" + *meant + "\"?" : "describe it by another <component>"));
}

// The way from `c` back to it, said at its first member only.
void check_circle(const Release& release, const Component& c, std::vector<Finding>& findings) {
  std::string way = c.name;
  const Component* at = release.component(c.via);
  for (std::size_t steps = 0; at != nullptr && at != &c; ++steps) {
    if (at < &c || steps > release.components.size()) return;
    way += " through " + at->name;
    at = release.component(at->via);
  }
  if (at == &c && c.via != c.name) {
    add_error(findings, c.line, fmt::format("{} through {} is a circle: none of them could be written", way, c.name));
  }
}

}  // namespace

void lint_components(const Release& release, std::vector<Finding>& findings) {
  for (const Component& c : release.components) {
    if (c.reboots > most_reboots) {
      add_error(findings, c.line, fmt::format("one activation of {} costs {} reboots, more than {}", c.name, c.reboots,
                                              most_reboots));
    }
    check_kind(release, c, findings);
    check_via(release, c, findings);
    check_circle(release, c, findings);
  }
}

void lint_data(const Release& release, std::vector<Finding>& findings) {
  for (const Firmware& f : release.firmware) {
    if (!f.data) continue;
    const Data& d = *f.data;
    const std::string name = f.component + ' ' + f.version.text();
    if (d.reads_lowest > d.reads_highest) {
      add_error(findings, d.line,
                fmt::format("{} reads no epoch at all: {} is above {}", name, d.reads_lowest, d.reads_highest));
    } else if (d.writes && !d.reads(*d.writes)) {
      add_error(findings, d.line, fmt::format("{} writes epoch {} and reads only {} to {}: it could not read its own data",
                                              name, *d.writes, d.reads_lowest, d.reads_highest));
    }
    if (d.at_boot && !d.writes) {
      add_error(findings, d.line, fmt::format("{} migrates at boot, but writes no epoch", name));
    }
  }
}

}  // namespace lockstep::release
