// GET /v1/keys   POST /v1/keys {"name", "role", "public_pem"}
#include <algorithm>

#include "host/api/engine_parts.hpp"
#include "host/api/views.hpp"
#include "host/base/json.hpp"
#include "host/jobs/releases.hpp"

namespace lockstep::api {
namespace {

Answer list_keys(Engine::Parts& parts) {
  const auto read = [](store::Store& store) { return store.queries().keys(); };
  LOCKSTEP_CO_TRY(keys, co_await parts.store.run(read));
  co_return list_of("keys", keys);
}

Outcome<store::KeyTrusted> key_from(const json::object& body) {
  LOCKSTEP_TRY(name, json_text(body, "name"));
  LOCKSTEP_TRY(role, json_text(body, "role"));
  LOCKSTEP_TRY(pem, json_text(body, "public_pem"));
  if (std::find(std::begin(jobs::roles), std::end(jobs::roles), role) == std::end(jobs::roles)) {
    return fail(ErrorKind::invalid, "'" + std::string(role) + "' is no role of a key", "use image, release or runner");
  }
  LOCKSTEP_TRY(key, PublicKey::from_pem(pem));
  store::KeyTrusted trusted;
  trusted.key_id = key.id().hex();
  trusted.name = std::string(name);
  trusted.role = std::string(role);
  trusted.public_pem = key.pem();
  return trusted;
}

Answer trust_key(Engine::Parts& parts, Request request) {
  LOCKSTEP_CO_TRY(body, parse_json_object(request.body));
  LOCKSTEP_CO_TRY(trusted, key_from(body));
  json::object answer{{"key_id", trusted.key_id}, {"name", trusted.name}, {"role", trusted.role}};
  auto appended = co_await parts.store.append(std::move(trusted), "api");
  if (!appended) co_return Fail(appended.error());
  co_return answer;
}

}  // namespace

void add_key_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/keys", [&parts](Request, Parameters) { return list_keys(parts); });
  router.add("POST", "/v1/keys", [&parts](Request request, Parameters) { return trust_key(parts, std::move(request)); });
}

}  // namespace lockstep::api
