#include <algorithm>

#include "manifests/plan_file/cost.hpp"
#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::plan_file {
namespace {

std::string version_text(const model::Component& component, model::Index version) {
  return version < 0 ? std::string() : component.versions[static_cast<std::size_t>(version)].version.text();
}

State state(const model::Catalogue& catalogue, const model::State& from) {
  State out;
  for (std::size_t i = 0; i < catalogue.components.size(); ++i) {
    const model::Component& c = catalogue.components[i];
    const model::Part& p = from.parts[i];
    Part part{.active = version_text(c, p.active), .torn = p.active == model::torn, .fallback = version_text(c, p.fallback),
              .staged = version_text(c, p.staged), .trial = p.trial, .counter = p.counter, .epoch = p.epoch, .in_use = {}};
    for (const model::Index version : p.alive) part.in_use.push_back(version_text(c, version));
    if (!on_device(c.kind)) part.torn = false;
    out.push_back(std::move(part));
  }
  return out;
}

json::object part_json(const Part& part, model::Kind kind) {
  json::object out;
  if (!on_device(kind)) {
    json::array in_use(part.in_use.begin(), part.in_use.end());
    out["in_use"] = std::move(in_use);
    return out;
  }
  if (part.torn) out["torn"] = true;
  if (!part.active.empty()) out["active"] = part.active;
  if (!part.fallback.empty()) out["fallback"] = part.fallback;
  if (!part.staged.empty()) out["staged"] = part.staged;
  if (part.trial) out["trial"] = true;
  if (part.counter != 0) out["counter"] = part.counter;
  if (part.epoch != 0) out["epoch"] = part.epoch;
  return out;
}

json::object state_json(const Document& d, const State& state) {
  json::object out;
  for (std::size_t i = 0; i < state.size(); ++i) out[d.components[i].label] = part_json(state[i], d.components[i].kind);
  return out;
}

json::object step_json(const Document& d, const Step& step) {
  json::array targets;
  for (const Target& t : step.targets) {
    targets.push_back(json::object{{"component", d.components[t.component].label}, {"version", t.version}});
  }
  return {{"act", model::text(step.act)}, {"targets", std::move(targets)}, {"reboots", step.reboots},
          {"bytes", step.bytes},          {"after", state_json(d, step.after)}};
}

json::object cost_json(const model::Cost& cost) {
  return {{"irreversible", cost.irreversible}, {"reboots", cost.reboots}, {"publications", cost.publications},
          {"bytes", cost.bytes}};
}

}  // namespace

Document document(const model::Catalogue& catalogue, const model::Plan& plan, const About& about) {
  Document d{.product = catalogue.product, .target = about.target, .releases = {}, .device = about.device,
             .board = plan.board.board, .revision = plan.board.revision.text(), .components = {},
             .start = state(catalogue, plan.start), .goal = {}, .steps = {}, .cost = {}};
  std::vector<const release::Release*> oldest_first;
  for (const release::Release& r : about.releases) oldest_first.push_back(&r);
  std::sort(oldest_first.begin(), oldest_first.end(), [](const auto* a, const auto* b) { return a->version < b->version; });
  for (const release::Release* r : oldest_first) d.releases.push_back({r->version.text(), r->sha256});
  for (std::size_t i = 0; i < catalogue.components.size(); ++i) {
    d.components.push_back({catalogue.components[i].label(), catalogue.components[i].kind});
    d.goal.push_back(version_text(catalogue.components[i], plan.goal.versions[i]));
  }
  for (std::size_t s = 0; s < plan.steps.size(); ++s) {
    Step step{.act = plan.steps[s].act, .targets = {}, .after = state(catalogue, plan.after[s])};
    for (const model::Target& t : plan.steps[s].targets) {
      const auto component = static_cast<std::size_t>(t.component);
      step.targets.push_back({component, version_text(catalogue.components[component], t.version)});
    }
    const model::Cost cost = cost_of(catalogue, plan.steps[s]);
    step.reboots = cost.reboots, step.bytes = cost.bytes;
    d.steps.push_back(std::move(step));
    add(d.cost, cost);
  }
  return d;
}

json::object to_json(const Document& d) {
  json::array releases, components, steps;
  for (const Source& s : d.releases) releases.push_back(json::object{{"version", s.version}, {"sha256", s.sha256.hex()}});
  json::object goal;
  for (std::size_t i = 0; i < d.components.size(); ++i) {
    components.push_back(json::object{{"name", d.components[i].label}, {"kind", release::text(d.components[i].kind)}});
    if (!d.goal[i].empty()) goal[d.components[i].label] = d.goal[i];
  }
  for (const Step& s : d.steps) steps.push_back(step_json(d, s));
  return {{"format", format},
          {"format_version", format_version},
          {"product", d.product},
          {"target", d.target},
          {"releases", std::move(releases)},
          {"device", d.device},
          {"board", d.board},
          {"revision", d.revision},
          {"components", std::move(components)},
          {"start", state_json(d, d.start)},
          {"goal", std::move(goal)},
          {"steps", std::move(steps)},
          {"cost", cost_json(d.cost)}};
}

std::string to_text(const Document& d) { return pretty_json(to_json(d)); }

std::string text(const Document& d, const Step& step) {
  std::string out(model::text(step.act));
  for (const Target& t : step.targets) {
    out += (&t == step.targets.data() ? " " : " and ") + d.components[t.component].label + ' ' + t.version;
  }
  return out;
}

std::string target_text(const Document& d) {
  if (d.target != newest_target) return d.product + ' ' + d.target;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < d.components.size(); ++i) {
    const Part& now = d.start[i];
    const bool there = on_device(d.components[i].kind) ? now.active == d.goal[i] : now.in_use == std::vector{d.goal[i]};
    if (!d.goal[i].empty() && !there) parts.push_back(d.components[i].label + ' ' + d.goal[i]);
  }
  std::string out = d.product + " as it is";
  for (std::size_t n = 0; n < parts.size(); ++n) {
    out = n == 0 ? d.product + " with " + parts[n] : out + (n + 1 == parts.size() ? " and " : ", ") + parts[n];
  }
  return out;
}

}  // namespace lockstep::plan_file
