#include "manifests/resolve/resolve.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "manifests/resolve/derivation.hpp"

namespace lockstep::resolve {

std::string_view text(Rule rule) {
  switch (rule) {
    case Rule::hardware: return "hardware";
    case Rule::component: return "component";
    case Rule::from: return "from";
    case Rule::counter: return "counter";
    case Rule::requirement: return "requirement";
  }
  return {};
}

std::string Check::text() const {
  std::string out = what;
  if (!at.empty()) out += " (" + at + ")";
  if (!remedy.empty()) out += "; " + remedy;
  return out;
}

std::vector<Check> Answer::reasons() const {
  std::vector<Check> out;
  std::copy_if(checks.begin(), checks.end(), std::back_inserter(out),
               [](const Check& c) { return c.outcome == Check::Outcome::failed; });
  return out;
}

std::vector<Member> Answer::changes() const {
  std::vector<Member> out;
  std::copy_if(set.begin(), set.end(), std::back_inserter(out),
               [](const Member& m) { return m.firmware && m.from.has_value(); });
  return out;
}

Answer resolve(const release::Release& release, const DeviceState& device, std::span<const SoftwareInUse> in_use) {
  return Derivation(release, device, in_use).run();
}

std::vector<std::string> explain(const release::Release& release, const DeviceState& device, const Answer& answer) {
  std::vector<std::string> out;
  const std::string who = device.name.empty() ? "the device" : device.name;
  out.push_back(fmt::format("May {} get {}?", who, release.name()));
  int number = 0;
  for (const Check& c : answer.checks) {
    const char* mark = c.outcome == Check::Outcome::ok ? "ok" : c.outcome == Check::Outcome::failed ? "NO" : "unknown";
    out.push_back(fmt::format("{:2}. {:7} {}", ++number, mark, c.text()));
  }
  if (!answer.yes) {
    const auto failed = answer.reasons().size();
    out.push_back(fmt::format("No: {} of {} checks failed.", failed, answer.checks.size()));
    return out;
  }
  std::string together;
  for (const Member& m : answer.set) {
    together += (together.empty() ? "" : ", ") + m.component + ' ' + m.version.text();
    if (m.from) together += " (now " + m.from->text() + ")";
  }
  out.push_back(fmt::format("Yes{}: {}.", answer.changes().empty() ? ", it is there already" : "", together));
  return out;
}

}  // namespace lockstep::resolve
