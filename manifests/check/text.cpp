#include <fmt/format.h>

#include <algorithm>

#include "manifests/check/check.hpp"

// Words only: nothing here decides whether a plan is good.
namespace lockstep::check {
namespace {

using namespace model;

std::string need_text(const Catalogue& catalogue, const Violation& v) {
  const Component& other = catalogue.components[static_cast<std::size_t>(v.other.component)];
  const std::string verb = v.rule == Rule::need ? "requires" : "can be written only with";
  std::string out = fmt::format("{} {} {}", catalogue.name(v.who.component, v.who.version), verb, other.label());
  if (!v.detail.empty()) out += ' ' + v.detail;
  const auto reverted = std::find(v.reverted.begin(), v.reverted.end(), v.other);
  if (reverted == v.reverted.end()) {
    out += fmt::format(", but {} is {}", catalogue.name(v.other.component, v.other.version),
                       v.other.version == torn ? "" : on_device(other.kind) ? "active" : "in use");
  }
  if (out.ends_with(" is ")) out.replace(out.rfind(", but"), out.npos, ", but that is torn");
  return out;
}

std::string rule_text(const Catalogue& catalogue, const Board& board, const Violation& v) {
  switch (v.rule) {
    case Rule::shape:
    case Rule::step:
    case Rule::effect:
    case Rule::goal: return v.detail;
    case Rule::need:
    case Rule::way: return need_text(catalogue, v);
    case Rule::hardware:
    case Rule::counter:
    case Rule::data: break;
  }
  const std::string name = catalogue.name(v.who.component, v.who.version);
  const Record& r = catalogue.record(v.who.component, v.who.version);
  const Part& p = v.state.parts[static_cast<std::size_t>(v.who.component)];
  if (v.rule == Rule::hardware) return fmt::format("{} is not for {} revision {}", name, board.board, board.revision.text());
  if (v.rule == Rule::counter) {
    return fmt::format("{} has security counter {}, but the device accepts {} and above only", name, r.security_counter, p.counter);
  }
  return fmt::format("{} reads data of the epochs {} to {}, but they are of epoch {}", name, r.data.reads_lowest,
                     r.data.reads_highest, p.epoch);
}

}  // namespace

std::string_view text(Rule rule) {
  switch (rule) {
    case Rule::shape: return "shape";
    case Rule::step: return "step";
    case Rule::effect: return "effect";
    case Rule::goal: return "goal";
    case Rule::hardware: return "hardware";
    case Rule::counter: return "counter";
    case Rule::data: return "data";
    case Rule::need: return "need";
    case Rule::way: return "way";
  }
  return {};
}

std::string text(const Catalogue& catalogue, const Board& board, const Violation& v) {
  std::string out;
  for (const Target& t : v.reverted) {
    const Component& c = catalogue.components[static_cast<std::size_t>(t.component)];
    out += fmt::format("{} {} reverts to {}", out.empty() ? "when" : " and", c.label(), catalogue.record(t.component, t.version).version.text());
  }
  out += (out.empty() ? "" : ", ") + rule_text(catalogue, board, v);
  return v.at.line == 0 ? out : out + " (" + v.at.text() + ')';
}

std::string text(const Catalogue& catalogue, const Plan& plan, const Failure& failure) {
  const std::string what = (failure.middle ? "meanwhile, " : "") + text(catalogue, plan.board, failure.violation);
  if (failure.step == 0) return "start: " + what;
  const Step& step = plan.steps[failure.step - 1];
  // A step that cannot be taken may name what is not there.
  const auto known = [&](const Target& t) {
    return t.component >= 0 && t.component < std::ssize(catalogue.components) && t.version >= 0 &&
           t.version < std::ssize(catalogue.components[static_cast<std::size_t>(t.component)].versions);
  };
  const bool named = std::all_of(step.targets.begin(), step.targets.end(), known);
  return fmt::format("step {} ({}): {}", failure.step, named ? text(catalogue, step) : std::string(model::text(step.act)), what);
}

}  // namespace lockstep::check
