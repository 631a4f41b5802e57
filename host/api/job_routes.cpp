// POST /v1/jobs {"device", "release"}   GET /v1/jobs   GET /v1/jobs/:job   GET /v1/jobs/:job/plan
// POST /v1/jobs/:job/cancel
#include "host/api/engine_parts.hpp"
#include "host/api/views.hpp"
#include "host/base/json.hpp"

namespace lockstep::api {
namespace {

Answer show_job(Engine::Parts& parts, std::string id) {
  const auto read = [&](store::Store& store) { return store.queries().find_job(id); };
  LOCKSTEP_CO_TRY(job, co_await parts.store.run(read));
  if (!job) co_return fail(ErrorKind::not_found, "there is no job '" + id + "'");
  co_return to_json(*job, parts.jobs.live(id));
}

// The plan that it walks, or walked last, as it was kept.
Answer show_plan(Engine::Parts& parts, std::string id) {
  const auto read = [&](store::Store& store) -> Outcome<std::string> {
    LOCKSTEP_TRY(job, store.queries().find_job(id));
    if (!job) return fail(ErrorKind::not_found, "there is no job '" + id + "'");
    LOCKSTEP_TRY(trail, jobs::job_trail_from_json(job->facts));
    if (trail.plan.empty()) return fail(ErrorKind::not_found, "job " + id + " has no plan");
    return store.artefacts().get_text(trail.plan);
  };
  LOCKSTEP_CO_TRY(text, co_await parts.store.run(read));
  LOCKSTEP_CO_TRY(plan, parse_json(text));
  co_return json::object{{"job", id}, {"plan", std::move(plan)}};
}

Answer list_jobs(Engine::Parts& parts) {
  const auto read = [](store::Store& store) { return store.queries().jobs(); };
  LOCKSTEP_CO_TRY(jobs, co_await parts.store.run(read));
  json::array list;
  for (const store::JobRow& job : jobs) list.push_back(to_json(job, parts.jobs.live(job.id)));
  co_return json::object{{"jobs", std::move(list)}};
}

Answer create_job(Engine::Parts& parts, Request request) {
  LOCKSTEP_CO_TRY(body, parse_json_object(request.body));
  LOCKSTEP_CO_TRY(device, json_text(body, "device"));
  LOCKSTEP_CO_TRY(release, json_text(body, "release"));
  std::string device_name(device), release_name(release);
  LOCKSTEP_CO_TRY(id, co_await parts.jobs.create(device_name, release_name));
  co_return co_await show_job(parts, id);
}

Answer cancel_job(Engine::Parts& parts, std::string id) {
  LOCKSTEP_CO_CHECK(co_await parts.jobs.cancel(id));
  co_return co_await show_job(parts, id);
}

}  // namespace

void add_job_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/jobs", [&parts](Request, Parameters) { return list_jobs(parts); });
  router.add("POST", "/v1/jobs", [&parts](Request request, Parameters) { return create_job(parts, std::move(request)); });
  router.add("GET", "/v1/jobs/:job", [&parts](Request, Parameters p) { return show_job(parts, p["job"]); });
  router.add("GET", "/v1/jobs/:job/plan", [&parts](Request, Parameters p) { return show_plan(parts, p["job"]); });
  router.add("POST", "/v1/jobs/:job/cancel", [&parts](Request, Parameters p) { return cancel_job(parts, p["job"]); });
}

}  // namespace lockstep::api
