// GET /v1/devices/:device/plan/account with the query of GET /v1/devices/:device/plan
//
// Why the plan that GET /v1/devices/:device/plan answers is as it is, or why there is none and what would make one; with
// to=newest also why nothing newer. obstacles=BOOL: nothing about a plan that there is.
#include "host/api/engine_parts.hpp"
#include "host/api/planning_question.hpp"
#include "host/jobs/planning_thread.hpp"
#include "manifests/propose/account.hpp"

namespace lockstep::api {
namespace {

// The limit is for the plan itself; each question of the explanation has that of explain::Effort.
Outcome<json::value> account_for_device(const QuestionMaterial& material, const PlanningQuestion& question) {
  const jobs::PlanningMaterial& all = material.all;
  const model::Report& report = all.reports[0];
  LOCKSTEP_TRY(planner, propose::Planner::make(all.releases, all.reports));
  LOCKSTEP_TRY(account, question.newest
                            ? propose::account_of_newest(planner, report, material.wishes, question.options)
                            : propose::account(planner, report, all.releases[all.target], question.options));
  json::object out = to_json(account);
  add_asked(out, material, question);
  return json::value(std::move(out));
}

Answer device_account(Engine::Parts& parts, std::string device, Request request) {
  LOCKSTEP_CO_TRY(question, planning_question(request));
  const auto read = [&](store::Store& store) { return material_for(store, parts.shelf, device, question); };
  LOCKSTEP_CO_TRY(material, co_await parts.store.run(read));
  const auto make = [&] { return account_for_device(material, question); };
  co_return co_await parts.planning.run(make);
}

}  // namespace

void add_account_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/devices/:device/plan/account", [&parts](Request request, Parameters p) {
    return device_account(parts, p["device"], std::move(request));
  });
}

}  // namespace lockstep::api
