// GET /v1/devices/:device/plan?to=RELEASE&finalise=BOOL     GET /v1/releases/:release/rehearsal?finalise=BOOL
// GET /v1/devices/:device/plan?to=newest&pin=app=^2.0.0&hold=radio=2.x:WHY&first=app&tested_only=BOOL&finalise=BOOL
//   pin, hold and first any number of times; PRODUCT@newest for a device that does not say what it is
//
// Plans are made from all stored releases of the product whose signature still verifies, and from what the devices said
// last; nothing is asked of a device. They are made anew each time and not kept.
#include <fmt/format.h>

#include <sstream>

#include "host/api/engine_parts.hpp"
#include "host/api/evidence.hpp"
#include "host/api/planning_answer.hpp"
#include "host/base/json.hpp"
#include "host/jobs/planning_material.hpp"
#include "host/jobs/planning_thread.hpp"
#include "manifests/fleet/certified.hpp"
#include "manifests/propose/newest.hpp"

namespace lockstep::api {
namespace {

propose::Options options_of(bool finalise) { return {.limits = {.expansions = jobs::max_expansions}, .finalise = finalise}; }

Outcome<json::value> plan_for_device(const jobs::PlanningMaterial& material, bool finalise) {
  LOCKSTEP_TRY(planner, propose::Planner::make(material.releases, material.reports));
  LOCKSTEP_TRY(proposal, planner.propose(material.reports[0], material.releases[material.target], options_of(finalise)));
  json::object out = to_json(proposal);
  out["device"] = material.reports[0].device.name;
  out["release"] = material.releases[material.target].name();
  out["left_out"] = left_out_json(material);
  return json::value(std::move(out));
}

struct NewestMaterial {
  jobs::PlanningMaterial all;
  gate::TestedVersions tested;
};

json::object evidence_json(const gate::TestedVersions& tested) {
  json::array left_out;
  for (const gate::Rejected& one : tested.rejected()) left_out.push_back(json::object{{"evidence", one.digest}, {"why", one.why}});
  return {{"failed", json::array(tested.failed().begin(), tested.failed().end())}, {"left_out", std::move(left_out)}};
}

Outcome<json::value> newest_for_device(const NewestMaterial& material, const propose::Wishes& wishes, bool finalise) {
  LOCKSTEP_TRY(planner, propose::Planner::make(material.all.releases, material.all.reports));
  LOCKSTEP_TRY(newest, propose::propose_newest(planner, material.all.reports[0], wishes, options_of(finalise)));
  json::object out = to_json(newest);
  out["device"] = material.all.reports[0].device.name;
  out["release"] = "newest";
  out["left_out"] = left_out_json(material.all);
  if (wishes.tested) out["evidence"] = evidence_json(material.tested);
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
  for (const model::Report& report : material.reports) {
    census.devices.push_back({.report = report, .names = {report.device.name}});
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

bool is_true(Request& request, const std::string& name) { return request.query[name] == "true"; }

std::vector<std::string> lines_of(Request& request, const std::string& name) {
  std::vector<std::string> out;
  std::istringstream text(request.query[name]);
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

Outcome<propose::Wishes> wishes_from(Request& request) {
  propose::Wishes out{.first = lines_of(request, "first")};
  for (const std::string& text : lines_of(request, "pin")) {
    LOCKSTEP_TRY(pin, propose::parse_pin(text));
    out.pins.push_back(std::move(pin));
  }
  for (const std::string& text : lines_of(request, "hold")) {
    LOCKSTEP_TRY(hold, propose::parse_hold(text));
    out.holds.push_back(std::move(hold));
  }
  return out;
}

Answer newest_plan(Engine::Parts& parts, std::string device, std::string product, Request request) {
  LOCKSTEP_CO_TRY(wishes, wishes_from(request));
  const bool finalise = is_true(request, "finalise"), tested_only = is_true(request, "tested_only");
  const auto read = [&](store::Store& store) -> Outcome<NewestMaterial> {
    NewestMaterial out;
    LOCKSTEP_TRY(all, jobs::material_for_newest(store, parts.shelf, device, product));
    out.all = std::move(all);
    if (!tested_only) return out;
    LOCKSTEP_TRY(tested, tested_versions(store, out.all.releases));
    out.tested = std::move(tested);
    return out;
  };
  LOCKSTEP_CO_TRY(material, co_await parts.store.run(read));
  if (tested_only) wishes.tested = material.tested.versions();
  const auto make = [&] { return newest_for_device(material, wishes, finalise); };
  co_return co_await parts.planning.run(make);
}

Answer device_plan(Engine::Parts& parts, std::string device, Request request) {
  const std::string to = request.query["to"];
  if (to.empty()) co_return fail(ErrorKind::invalid, "the query parameter to is missing", "say ?to=RELEASE or ?to=newest");
  for (const char* wish : {"pin", "hold", "first", "tested_only"}) {
    if (!request.query.contains(wish)) continue;
    co_return fail(ErrorKind::invalid, fmt::format("the query parameter {} chooses versions, but to={} names them", wish, to), "say ?to=newest");
  }
  const bool finalise = is_true(request, "finalise");
  const auto read = [&](store::Store& store) { return jobs::material_for_device(store, parts.shelf, device, to); };
  LOCKSTEP_CO_TRY(material, co_await parts.store.run(read));
  const auto make = [&] { return plan_for_device(material, finalise); };
  co_return co_await parts.planning.run(make);
}

Answer rehearsal(Engine::Parts& parts, std::string release, Request request) {
  const bool finalise = is_true(request, "finalise");
  const auto read = [&](store::Store& store) { return jobs::material_for_fleet(store, parts.shelf, release); };
  LOCKSTEP_CO_TRY(material, co_await parts.store.run(read));
  const auto make = [&] { return rehearse_fleet(material, finalise); };
  co_return co_await parts.planning.run(make);
}

}  // namespace

void add_plan_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/devices/:device/plan",
             [&parts](Request request, Parameters p) {
               const auto product = propose::newest_of(request.query["to"]);
               if (product) return newest_plan(parts, p["device"], *product, std::move(request));
               return device_plan(parts, p["device"], std::move(request));
             });
  router.add("GET", "/v1/releases/:release/rehearsal",
             [&parts](Request request, Parameters p) { return rehearsal(parts, p["release"], std::move(request)); });
}

}  // namespace lockstep::api
