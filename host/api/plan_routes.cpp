// GET /v1/devices/:device/plan?to=RELEASE&finalise=BOOL     GET /v1/releases/:release/rehearsal?finalise=BOOL
//
// Plans are made from all stored releases of the product whose signature still verifies, and from what the devices said
// last; nothing is asked of a device. They are made anew each time and not kept.
#include <fmt/format.h>

#include "host/api/engine_parts.hpp"
#include "host/api/planning_thread.hpp"
#include "host/api/releases.hpp"
#include "host/base/json.hpp"
#include "manifests/fleet/certified.hpp"
#include "manifests/propose/propose.hpp"

namespace lockstep::api {
namespace {

// What a request may search: some seconds at most, so that one hard question does not keep the others waiting.
constexpr std::uint64_t max_expansions = 300'000;

struct LeftOut {
  std::string name;
  std::string why;
};

// Everything that planning needs from the store.
struct Material {
  std::vector<release::Release> releases;
  std::size_t target = 0;
  std::vector<LeftOut> left_out;  // releases that are not trusted any more
  std::vector<model::Report> reports;
  std::vector<LeftOut> unreadable;  // devices whose software nobody can read
};

Outcome<> load_releases(store::Store& store, const store::ReleaseRow& target, Material& out) {
  LOCKSTEP_TRY(rows, store.queries().releases());
  for (const store::ReleaseRow& row : rows) {
    if (row.product != target.product) continue;
    auto release = load_release(store, row);
    if (!release && row.id == target.id) return Fail(release.error());
    if (!release) {
      out.left_out.push_back({row.id, release.error().what});
      continue;
    }
    if (row.id == target.id) out.target = out.releases.size();
    out.releases.push_back(*std::move(release));
  }
  return {};
}

Outcome<model::Report> report_of(const store::DeviceRow& device) {
  model::Report report;
  report.device = device_state(device);
  LOCKSTEP_TRY(in_use, software_in_use(device));
  report.in_use = std::move(in_use);
  for (const store::ComponentReport& component : device.components) {
    // A report does not say what the other slot holds: while something is on trial nobody can plan.
    if (!component.confirmed && !component.version.empty())
      report.slots.push_back({.component = component.component, .trial = true});
  }
  return report;
}

Outcome<Material> material_for_device(store::Store& store, const std::string& name, const std::string& to) {
  LOCKSTEP_TRY(device, store.queries().find_device(name));
  if (!device)
    return fail(ErrorKind::not_found, "there is no device '" + name + "'",
                "`lockstep device list` shows them all");
  LOCKSTEP_TRY(target, find_release(store, to));
  if (!device->product.empty() && device->product != target.product) {
    return fail(ErrorKind::refused, fmt::format("{} cannot get {}: it is a {}", name, target.id, device->product),
                "give it a release of its own product");
  }
  Material out;
  LOCKSTEP_CHECK(load_releases(store, target, out));
  LOCKSTEP_TRY(report, report_of(*device));
  out.reports.push_back(std::move(report));
  return out;
}

Outcome<Material> material_for_fleet(store::Store& store, const std::string& to) {
  LOCKSTEP_TRY(target, find_release(store, to));
  Material out;
  LOCKSTEP_CHECK(load_releases(store, target, out));
  LOCKSTEP_TRY(devices, store.queries().devices());
  for (const store::DeviceRow& device : devices) {
    if (!device.product.empty() && device.product != target.product) continue;
    auto report = report_of(device);
    if (report) {
      out.reports.push_back(*std::move(report));
    } else {
      out.unreadable.push_back({device.name, report.error().what});
    }
  }
  return out;
}

propose::Options options_of(bool finalise) { return {.limits = {.expansions = max_expansions}, .finalise = finalise}; }

json::array left_out_json(const Material& material) {
  json::array out;
  for (const LeftOut& each : material.left_out) out.push_back(json::object{{"release", each.name}, {"why", each.why}});
  return out;
}

Outcome<json::value> plan_for_device(const Material& material, bool finalise) {
  LOCKSTEP_TRY(planner, propose::Planner::make(material.releases, material.reports));
  LOCKSTEP_TRY(proposal, planner.propose(material.reports[0], material.releases[material.target], options_of(finalise)));
  json::object out = to_json(proposal);
  out["device"] = material.reports[0].device.name;
  out["release"] = material.releases[material.target].name();
  out["left_out"] = left_out_json(material);
  return json::value(std::move(out));
}

json::object cost_json(const model::Cost& cost) {
  return {{"irreversible", cost.irreversible},
          {"reboots", cost.reboots},
          {"publications", cost.publications},
          {"bytes", cost.bytes}};
}

json::object unknown_json(json::array devices, const std::string& why) {
  return {{"devices", std::move(devices)}, {"verdict", "unknown"}, {"certified", false}, {"plan", nullptr},
          {"reasons", json::array{json::value(why)}}};
}

json::object group_json(const Material& material, const propose::Group& group) {
  json::array devices;
  for (const std::size_t i : group.reports) devices.push_back(json::value(material.reports[i].device.name));
  if (!group.proposal) return unknown_json(std::move(devices), group.proposal.error().what);
  json::object out = to_json(*group.proposal);
  out["devices"] = std::move(devices);
  return out;
}

// The one order of stages for all of them. Who sleeps is not known here: all are taken to be awake.
Outcome<json::object> schedule_json(const propose::Planner& planner, const Material& material, bool finalise) {
  fleet::Census census;
  for (const model::Report& report : material.reports) {
    census.devices.push_back({.report = report, .names = {report.device.name}});
  }
  fleet::Options options{.limits = {.expansions = max_expansions, .states = max_expansions}, .finalise = finalise};
  LOCKSTEP_TRY(made, fleet::certified_schedule(planner.relations(), census, material.releases[material.target],
                                               model::Scope::device, std::move(options)));
  return to_json(made);
}

Outcome<json::value> rehearse_fleet(const Material& material, bool finalise) {
  LOCKSTEP_TRY(planner, propose::Planner::make(material.releases, material.reports));
  const propose::Rehearsal all = planner.rehearse(material.reports, material.releases[material.target], options_of(finalise));
  LOCKSTEP_TRY(schedule, schedule_json(planner, material, finalise));
  json::array shown;
  for (const propose::Group& group : all.groups) shown.push_back(group_json(material, group));
  for (const LeftOut& each : material.unreadable) {
    shown.push_back(unknown_json({json::value(each.name)}, each.why));
  }
  return json::value(json::object{{"release", material.releases[material.target].name()},
                                  {"there", all.there},
                                  {"ready", all.ready},
                                  {"blocked", all.blocked + material.unreadable.size()},
                                  {"cost", cost_json(all.cost)},
                                  {"groups", std::move(shown)},
                                  {"schedule", std::move(schedule)},
                                  {"left_out", left_out_json(material)}});
}

bool is_true(Request& request, const std::string& name) { return request.query[name] == "true"; }

Answer device_plan(Engine::Parts& parts, std::string device, Request request) {
  const std::string to = request.query["to"];
  if (to.empty()) co_return fail(ErrorKind::invalid, "the query parameter to is missing", "say ?to=RELEASE");
  const bool finalise = is_true(request, "finalise");
  const auto read = [&](store::Store& store) { return material_for_device(store, device, to); };
  LOCKSTEP_CO_TRY(material, co_await parts.store.run(read));
  const auto make = [&] { return plan_for_device(material, finalise); };
  co_return co_await parts.planning.run(make);
}

Answer rehearsal(Engine::Parts& parts, std::string release, Request request) {
  const bool finalise = is_true(request, "finalise");
  const auto read = [&](store::Store& store) { return material_for_fleet(store, release); };
  LOCKSTEP_CO_TRY(material, co_await parts.store.run(read));
  const auto make = [&] { return rehearse_fleet(material, finalise); };
  co_return co_await parts.planning.run(make);
}

}  // namespace

void add_plan_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/devices/:device/plan",
             [&parts](Request request, Parameters p) { return device_plan(parts, p["device"], std::move(request)); });
  router.add("GET", "/v1/releases/:release/rehearsal",
             [&parts](Request request, Parameters p) { return rehearsal(parts, p["release"], std::move(request)); });
}

}  // namespace lockstep::api
