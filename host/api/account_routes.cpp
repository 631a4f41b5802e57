// GET /v1/devices/:device/plan/account?to=RELEASE&finalise=BOOL
//
// Why the plan that GET /v1/devices/:device/plan answers is as it is, or why there is none and what would make one.
#include "host/api/engine_parts.hpp"
#include "host/api/planning_answer.hpp"
#include "host/base/json.hpp"
#include "host/jobs/planning_material.hpp"
#include "host/jobs/planning_thread.hpp"
#include "manifests/propose/account.hpp"

namespace lockstep::api {
namespace {

// The limit is for the plan itself; each question of the explanation has that of explain::Effort.
Outcome<json::value> account_for_device(const jobs::PlanningMaterial& material, bool finalise) {
  LOCKSTEP_TRY(planner, propose::Planner::make(material.releases, material.reports));
  const model::Report& report = material.reports[0];
  const release::Release& target = material.releases[material.target];
  const propose::Options options{.limits = {.expansions = jobs::max_expansions}, .finalise = finalise};
  LOCKSTEP_TRY(account, propose::account(planner, report, target, options));
  json::object out = to_json(account);
  out["device"] = report.device.name;
  out["release"] = target.name();
  out["left_out"] = left_out_json(material);
  return json::value(std::move(out));
}

Answer device_account(Engine::Parts& parts, std::string device, Request request) {
  const std::string to = request.query["to"];
  if (to.empty()) co_return fail(ErrorKind::invalid, "the query parameter to is missing", "say ?to=RELEASE");
  const bool finalise = request.query["finalise"] == "true";
  const auto read = [&](store::Store& store) { return jobs::material_for_device(store, parts.shelf, device, to); };
  LOCKSTEP_CO_TRY(material, co_await parts.store.run(read));
  const auto make = [&] { return account_for_device(material, finalise); };
  co_return co_await parts.planning.run(make);
}

}  // namespace

void add_account_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/devices/:device/plan/account", [&parts](Request request, Parameters p) {
    return device_account(parts, p["device"], std::move(request));
  });
}

}  // namespace lockstep::api
