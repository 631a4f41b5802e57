// POST /v1/hil/runs {"suite", "suite_name", "rig", "rig_name", "release", "baseline"?, "params"?: {name: value}}
// GET /v1/hil/runs   GET /v1/hil/runs/:run?from=   POST /v1/hil/runs/:run/cancel
#include <charconv>

#include "host/api/engine_parts.hpp"
#include "host/api/views.hpp"
#include "host/base/json.hpp"

namespace lockstep::api {
namespace {

Outcome<RunOrder> order_from(const json::object& body) {
  RunOrder order;
  LOCKSTEP_TRY(suite, json_text(body, "suite"));
  LOCKSTEP_TRY(suite_name, json_text(body, "suite_name"));
  LOCKSTEP_TRY(rig, json_text(body, "rig"));
  LOCKSTEP_TRY(rig_name, json_text(body, "rig_name"));
  LOCKSTEP_TRY(release, json_text(body, "release"));
  LOCKSTEP_TRY(baseline, optional_json_text(body, "baseline"));
  order.suite_xml = std::string(suite);
  order.suite_name = std::string(suite_name);
  order.rig_xml = std::string(rig);
  order.rig_name = std::string(rig_name);
  order.release = std::string(release);
  order.baseline = std::string(baseline.value_or(""));
  if (!body.contains("params")) return order;
  LOCKSTEP_TRY(params, json_object(body, "params"));
  for (const auto& member : *params) {
    LOCKSTEP_TRY(value, json_text(*params, member.key()));
    order.params[std::string(member.key())] = std::string(value);
  }
  return order;
}

// What has happened since the caller's last look ("from"), for people who watch.
void add_happened(json::object& answer, const LiveRun& live, Request& request) {
  std::uint64_t from = 0;
  const std::string& text = request.query["from"];
  std::from_chars(text.data(), text.data() + text.size(), from);
  json::array happened;
  for (std::size_t i = 0; i < live.happened.size(); ++i) {
    if (live.dropped + i < from) continue;
    const hil::Progress& p = live.happened[i];
    happened.push_back(json::object{{"kind", hil::text(p.kind)},
                                    {"subject", p.subject},
                                    {"text", p.text},
                                    {"verdict", p.verdict ? hil::text(*p.verdict) : std::string_view()}});
  }
  answer["happened"] = std::move(happened);
  answer["next"] = live.dropped + live.happened.size();
  answer["done_bytes"] = live.done_bytes;
  answer["total_bytes"] = live.total_bytes;
}

Answer show_run(Engine::Parts& parts, std::string id, Request request) {
  const auto read = [&](store::Store& store) { return store.queries().find_run(id); };
  LOCKSTEP_CO_TRY(row, co_await parts.store.run(read));
  const LiveRun* live = parts.runs.live(id);
  json::object answer;
  if (row) {
    answer = to_json(*row);
  } else if (live != nullptr) {
    answer = json::object{{"run", id}, {"finished", ""}, {"verdict", ""}};
  } else {
    co_return fail(ErrorKind::not_found, "there is no run '" + id + "'");
  }
  answer["directory"] = parts.runs.directory(id).string();
  answer["under_way"] = live != nullptr;
  if (live == nullptr) co_return answer;
  add_happened(answer, *live, request);
  co_return answer;
}

Answer list_runs(Engine::Parts& parts) {
  const auto read = [](store::Store& store) { return store.queries().runs(); };
  LOCKSTEP_CO_TRY(rows, co_await parts.store.run(read));
  co_return list_of("runs", rows);
}

Answer start_run(Engine::Parts& parts, Request request) {
  LOCKSTEP_CO_TRY(body, parse_json_object(request.body));
  LOCKSTEP_CO_TRY(order, order_from(body));
  LOCKSTEP_CO_TRY(id, co_await parts.runs.start(std::move(order)));
  co_return json::object{{"run", id}, {"directory", parts.runs.directory(id).string()}};
}

Answer cancel_run(Engine::Parts& parts, std::string id) {
  LOCKSTEP_CO_CHECK(parts.runs.cancel(id));
  co_return json::object{{"run", id}};
}

}  // namespace

void add_hil_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/hil/runs", [&parts](Request, Parameters) { return list_runs(parts); });
  router.add("POST", "/v1/hil/runs", [&parts](Request r, Parameters) { return start_run(parts, std::move(r)); });
  router.add("GET", "/v1/hil/runs/:run",
             [&parts](Request r, Parameters p) { return show_run(parts, p["run"], std::move(r)); });
  router.add("POST", "/v1/hil/runs/:run/cancel", [&parts](Request, Parameters p) { return cancel_run(parts, p["run"]); });
}

}  // namespace lockstep::api
