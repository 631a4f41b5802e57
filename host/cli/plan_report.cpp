#include "host/cli/plan_report.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"

namespace lockstep::cli {
namespace {

using model::Act;
using plan_file::Document;
using plan_file::Fault;
using plan_file::Part;
using plan_file::State;
using plan_file::Step;
using plan_file::Target;

std::string count(std::uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string reboots_text(const Step& step) {
  if (step.reboots == 0) return "; no reboot";
  return step.reboots == 1 ? "; the device reboots" : fmt::format("; {} reboots", step.reboots);
}

std::string names(const Document& d, const Step& step) {
  std::string out;
  for (const Target& t : step.targets)
    out += (out.empty() ? "" : " and ") + d.components[t.component].label + ' ' + t.version;
  return out;
}

std::string activate_text(const Document& d, std::size_t s) {
  const Step& step = d.steps[s];
  if (d.components[step.targets.front().component].kind == model::Kind::single) {
    return fmt::format("write {} in place ({}){}", names(d, step), format_size(step.bytes), reboots_text(step));
  }
  return fmt::format("start {} on trial{}", names(d, step), reboots_text(step));
}

std::string step_text(const Document& d, std::size_t s) {
  const Step& step = d.steps[s];
  const std::size_t i = step.targets.front().component;
  const Part& before = d.before(s)[i];
  switch (step.act) {
    case Act::stage:
      return fmt::format("send {} to the other slot ({}); {} goes on running", names(d, step), format_size(step.bytes),
                         before.active.empty() ? "nothing" : before.active);
    case Act::activate: return activate_text(d, s);
    case Act::confirm: return fmt::format("when it is healthy, confirm {}", names(d, step));
    case Act::finalise: return fmt::format("finalise {}", names(d, step));
    case Act::publish: return fmt::format("publish {}, and wait until users can get it", names(d, step));
    case Act::retire: return fmt::format("wait until nobody uses {} any more, and end it", names(d, step));
    case Act::roll:
      return fmt::format("switch {} from {} to {}; both run meanwhile", d.components[i].label,
                         before.in_use.empty() ? "nothing" : before.in_use.front(), step.targets.front().version);
  }
  return {};
}

std::string go_on_from(const Document& d, const State& state, std::size_t step) {
  const auto same = plan_file::same_state(d, state, step);
  return same ? fmt::format("go on from step {}", *same + 1) : "make a new plan from there";
}

std::string revert_text(const Document& d, const Fault& f, std::size_t step) {
  return fmt::format("if {} goes back to {}: {}", d.components[f.component].label, f.state[f.component].active,
                     go_on_from(d, f.state, step));
}

// What may happen at this step, or as long as its result stays; each a line.
std::vector<std::string> faults_text(const Document& d, std::size_t s) {
  std::vector<std::string> out;
  for (const Fault& f : plan_file::cuts(d, s)) {
    out.push_back(fmt::format("a power cut meanwhile leaves {} torn: do this step again", d.components[f.component].label));
  }
  for (const Fault& f : plan_file::reverts(d, s + 1)) {
    if (d.steps[s].after[f.component] == d.before(s)[f.component]) continue;  // was said before
    out.push_back(revert_text(d, f, s + 1));
  }
  return out;
}

// What is lost for ever.
std::string irreversible_text(const Document& d, std::size_t s) {
  std::string out = "point of no return";
  for (const Target& t : d.steps[s].targets) {
    const Part &before = d.before(s)[t.component], &after = d.steps[s].after[t.component];
    if (after.counter != before.counter) {
      out += fmt::format("; {} with a security counter below {} does not start any more",
                         d.components[t.component].label, after.counter);
    }
    if (after.epoch != before.epoch) out += fmt::format("; its data move from epoch {} to {}", before.epoch, after.epoch);
    if (after.fallback != before.fallback) out += fmt::format("; {} is gone from the other slot", before.fallback);
  }
  return out;
}

}  // namespace

std::string cost_text(const model::Cost& cost) {
  return fmt::format("{}, {}, {}, {}", count(cost.reboots, "reboot", "reboots"), format_size(cost.bytes),
                     count(cost.publications, "publication", "publications"),
                     count(cost.irreversible, "point of no return", "points of no return"));
}

std::string plan_text(const Document& d) {
  std::string out = fmt::format("{} ({} revision {}) to {}\n", printable(d.device), printable(d.board), d.revision,
                                printable(plan_file::target_text(d)));
  if (d.steps.empty()) return out + "nothing to do\n";
  out += fmt::format("{}: {}\n\n", count(d.steps.size(), "step", "steps"), cost_text(d.cost));
  for (const Fault& f : plan_file::reverts(d, 0)) out += "! " + printable(revert_text(d, f, 0)) + '\n';
  const std::size_t width = std::to_string(d.steps.size()).size();
  const std::string indent(width + 2, ' ');
  for (std::size_t s = 0; s < d.steps.size(); ++s) {
    if (d.steps[s].act == Act::finalise) out += indent + "--- " + irreversible_text(d, s) + '\n';
    out += fmt::format("{:>{}}. {}\n", s + 1, width, printable(step_text(d, s)));
    for (const std::string& line : faults_text(d, s)) out += indent + "  ! " + printable(line) + '\n';
  }
  return out;
}

}  // namespace lockstep::cli
