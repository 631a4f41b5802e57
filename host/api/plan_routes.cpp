// GET /v1/devices/:device/plan?to=RELEASE&finalise=BOOL     GET /v1/releases/:release/rehearsal?finalise=BOOL
//
// Plans are made from all stored releases of the product whose signature still verifies, and from what the devices said
// last; nothing is asked of a device. They are made anew each time and not kept.
#include <fmt/format.h>

#include "host/api/engine_parts.hpp"
#include "host/api/planning_answer.hpp"
#include "host/api/planning_material.hpp"
#include "host/api/planning_thread.hpp"
#include "host/base/json.hpp"
#include "manifests/fleet/certified.hpp"
#include "manifests/propose/propose.hpp"

namespace lockstep::api {
namespace {

propose::Options options_of(bool finalise) { return {.limits = {.expansions = max_expansions}, .finalise = finalise}; }

Outcome<json::value> plan_for_device(const PlanningMaterial& material, bool finalise) {
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

json::object group_json(const PlanningMaterial& material, const propose::Group& group) {
  json::array devices;
  for (const std::size_t i : group.reports) devices.push_back(json::value(material.reports[i].device.name));
  if (!group.proposal) return unknown_json(std::move(devices), group.proposal.error().what);
  json::object out = to_json(*group.proposal);
  out["devices"] = std::move(devices);
  return out;
}

// The one order of stages for all of them. Who sleeps is not known here: all are taken to be awake.
Outcome<json::object> schedule_json(const propose::Planner& planner, const PlanningMaterial& material, bool finalise) {
  fleet::Census census;
  for (const model::Report& report : material.reports) {
    census.devices.push_back({.report = report, .names = {report.device.name}});
  }
  fleet::Options options{.limits = {.expansions = max_expansions, .states = max_expansions}, .finalise = finalise};
  LOCKSTEP_TRY(made, fleet::certified_schedule(planner.relations(), census, material.releases[material.target],
                                               model::Scope::device, std::move(options)));
  return to_json(made);
}

Outcome<json::value> rehearse_fleet(const PlanningMaterial& material, bool finalise) {
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
