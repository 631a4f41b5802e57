// GET /v1/status   GET /v1/audit/log?subject=&type=&after_position=&limit=   GET /v1/evidence   GET /v1/evidence/:digest
#include <unistd.h>

#include <charconv>

#include "host/api/engine_parts.hpp"
#include "host/api/views.hpp"
#include "host/base/json.hpp"

namespace lockstep::api {
namespace {

Answer status(Engine::Parts& parts) {
  const auto read = [](store::Store& store) { return store::to_text(store.head()); };
  const std::string head = co_await parts.store.run(read);
  const auto up = std::chrono::steady_clock::now() - parts.started;
  co_return json::object{{"version", LOCKSTEP_VERSION},
                         {"origin", parts.origin},
                         {"pid", ::getpid()},
                         {"state", parts.options.state.string()},
                         {"up_seconds", std::chrono::duration_cast<std::chrono::seconds>(up).count()},
                         {"head", head}};
}

Outcome<std::int64_t> number(const Request& request, const std::string& name, std::int64_t otherwise) {
  const auto it = request.query.find(name);
  if (it == request.query.end()) return otherwise;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(it->second.data(), it->second.data() + it->second.size(), value);
  if (error != std::errc{} || end != it->second.data() + it->second.size() || value < 0) {
    return fail(ErrorKind::invalid, "query '" + name + "' must be a whole number, it is '" + it->second + "'");
  }
  return value;
}

Answer log(Engine::Parts& parts, Request request) {
  store::LogFilter filter;
  filter.subject = request.query["subject"];
  filter.type_prefix = request.query["type"];
  LOCKSTEP_CO_TRY(after, number(request, "after_position", 0));
  LOCKSTEP_CO_TRY(limit, number(request, "limit", 1000));
  filter.after = after;
  filter.limit = limit;
  const auto read = [&](store::Store& store) { return store.queries().log(filter); };
  LOCKSTEP_CO_TRY(rows, co_await parts.store.run(read));
  co_return list_of("events", rows);
}

Answer list_evidence(Engine::Parts& parts) {
  const auto read = [](store::Store& store) { return store.queries().evidence(); };
  LOCKSTEP_CO_TRY(rows, co_await parts.store.run(read));
  co_return list_of("evidence", rows);
}

Answer show_evidence(Engine::Parts& parts, std::string digest) {
  const auto read = [&](store::Store& store) { return store.artefacts().get_text(digest); };
  LOCKSTEP_CO_TRY(envelope, co_await parts.store.run(read));
  co_return json::object{{"digest", digest}, {"envelope", envelope}};
}

}  // namespace

void add_audit_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/status", [&parts](Request, Parameters) { return status(parts); });
  router.add("GET", "/v1/audit/log", [&parts](Request request, Parameters) { return log(parts, std::move(request)); });
  router.add("GET", "/v1/evidence", [&parts](Request, Parameters) { return list_evidence(parts); });
  router.add("GET", "/v1/evidence/:digest", [&parts](Request, Parameters p) { return show_evidence(parts, p["digest"]); });
}

}  // namespace lockstep::api
