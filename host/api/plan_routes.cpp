// GET /v1/devices/:device/plan?to=RELEASE&finalise=BOOL&everything=BOOL
// GET /v1/devices/:device/plan?to=newest&pin=app=^2.0.0&hold=radio=2.x:WHY&first=app&tested_only=BOOL&finalise=BOOL&everything=BOOL
// GET /v1/releases/:release/rehearsal?finalise=BOOL
//   pin, hold and first any number of times; PRODUCT@newest for a device that does not say what it is
//
// Plans are made from all stored releases of the product whose signature still verifies, and from what the devices said
// last; nothing is asked of a device. They are made anew each time and not kept.
#include "host/api/engine_parts.hpp"
#include "host/api/planning_answer.hpp"
#include "host/api/planning_question.hpp"
#include "host/base/json.hpp"
#include "host/jobs/planning_material.hpp"
#include "host/jobs/planning_thread.hpp"
#include "manifests/fleet/certified.hpp"
#include "manifests/propose/alike.hpp"
#include "manifests/propose/newest.hpp"

namespace lockstep::api {
namespace {

Outcome<json::object> answer_for(const propose::Planner& planner, const QuestionMaterial& material, const PlanningQuestion& question) {
  const jobs::PlanningMaterial& all = material.all;
  if (question.newest) {
    LOCKSTEP_TRY(newest, propose::propose_newest(planner, all.reports[0], material.wishes, question.options));
    return to_json(newest);
  }
  LOCKSTEP_TRY(proposal, planner.propose(all.reports[0], all.releases[all.target], question.options));
  return to_json(proposal);
}

Outcome<json::value> plan_for_device(const QuestionMaterial& material, const PlanningQuestion& question) {
  LOCKSTEP_TRY(planner, propose::Planner::make(material.all.releases, material.all.reports));
  LOCKSTEP_TRY(out, answer_for(planner, material, question));
  add_asked(out, material, question);
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

json::object group_json(const jobs::PlanningMaterial& material, const propose::Group& group) {
  json::array devices;
  for (const std::size_t i : group.reports) devices.push_back(json::value(material.reports[i].device.name));
  if (!group.proposal) return unknown_json(std::move(devices), group.proposal.error().what);
  json::object out = to_json(*group.proposal);
  out["devices"] = std::move(devices);
  return out;
}

// The one order of stages for all of them. Who sleeps is not known here: all are taken to be awake.
Outcome<json::object> schedule_json(const propose::Planner& planner, const jobs::PlanningMaterial& material, bool finalise) {
  fleet::Census census;
  for (const std::vector<std::size_t>& same : propose::alike(material.reports)) {
    fleet::Said& said = census.devices.emplace_back(fleet::Said{.report = material.reports[same[0]], .names = {}, .count = same.size()});
    for (const std::size_t n : same) said.names.push_back(material.reports[n].device.name);
  }
  fleet::Options options{.limits = {.expansions = jobs::max_expansions, .states = jobs::max_expansions}, .finalise = finalise};
  LOCKSTEP_TRY(made, fleet::certified_schedule(planner.relations(), census, material.releases[material.target],
                                               model::Scope::device, std::move(options)));
  return to_json(made);
}

Outcome<json::value> rehearse_fleet(const jobs::PlanningMaterial& material, bool finalise) {
  LOCKSTEP_TRY(planner, propose::Planner::make(material.releases, material.reports));
  const propose::Rehearsal all = planner.rehearse(material.reports, material.releases[material.target], options_of(finalise));
  LOCKSTEP_TRY(schedule, schedule_json(planner, material, finalise));
  json::array shown;
  for (const propose::Group& group : all.groups) shown.push_back(group_json(material, group));
  for (const jobs::LeftOut& each : material.unreadable) {
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

Answer device_plan(Engine::Parts& parts, std::string device, Request request) {
  LOCKSTEP_CO_TRY(question, planning_question(request));
  const auto read = [&](store::Store& store) { return material_for(store, parts.shelf, device, question); };
  LOCKSTEP_CO_TRY(material, co_await parts.store.run(read));
  const auto make = [&] { return plan_for_device(material, question); };
  co_return co_await parts.planning.run(make);
}

Answer rehearsal(Engine::Parts& parts, std::string release, Request request) {
  LOCKSTEP_CO_CHECK(only_parameters(request, {"finalise"}));
  LOCKSTEP_CO_TRY(finalise, flag_of(request, "finalise"));
  const auto read = [&](store::Store& store) { return jobs::material_for_fleet(store, parts.shelf, release); };
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
