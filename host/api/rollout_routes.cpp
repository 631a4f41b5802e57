// POST /v1/rollouts {"release", "devices": [..] | "all": true, "suites": [{"file", "xml"}, ..], "canary"?, "max_parallel"?, "budget"?}
// GET /v1/rollouts   GET /v1/rollouts/:rollout   POST /v1/rollouts/:rollout/pause|resume|halt {"reason"}
#include <fmt/format.h>

#include <algorithm>

#include "host/api/engine_parts.hpp"
#include "host/api/evidence.hpp"
#include "host/api/views.hpp"
#include "host/base/crypto.hpp"
#include "host/base/json.hpp"
#include "host/gate/gate.hpp"
#include "host/hil/suite.hpp"
#include "host/jobs/releases.hpp"
#include "host/rollout/commands.hpp"
#include "host/rollout/facts.hpp"

namespace lockstep::api {
namespace {

json::object stage_json(const rollout::StageFacts& stage, const rollout::StageCounts& counts) {
  json::array devices;
  for (const rollout::DeviceFacts& device : stage.devices) {
    devices.push_back(json::object{{"device", device.device},
                                   {"job", device.job},
                                   {"running", device.job_running},
                                   {"outcome", rollout::text(device.counted)},
                                   {"accepted", device.accepted},
                                   {"reason", device.job_reason}});
  }
  return {{"stage", stage.name},
          {"max_parallel", stage.max_parallel},
          {"budget", stage.budget},
          {"most_victims", counts.most_victims},
          {"succeeded", counts.succeeded},
          {"reverted", counts.reverted},
          {"failed", counts.failed},
          {"unreachable", counts.unreachable},
          {"silent", counts.silent},
          {"cancelled", counts.cancelled},
          {"running", counts.running},
          {"waiting", counts.waiting},
          {"total", counts.devices},
          {"devices", std::move(devices)}};
}

json::object to_json(const rollout::RolloutFacts& facts) {
  const std::vector<rollout::StageCounts> counts = rollout::count(facts);
  json::array stages;
  for (std::size_t i = 0; i < facts.stages.size(); ++i) stages.push_back(stage_json(facts.stages[i], counts[i]));
  return {{"rollout", facts.id},
          {"release", facts.release},
          {"state", rollout::text(facts.phase)},
          {"reason", facts.reason},
          {"stage", facts.stage},
          {"stages", std::move(stages)}};
}

// "latest" or an id.
Outcome<std::string> rollout_id(store::Store& store, const std::string& reference) {
  if (reference != "latest") return reference;
  LOCKSTEP_TRY(rows, store.queries().rollouts());
  if (rows.empty()) return fail(ErrorKind::not_found, "there is no rollout yet", "start one with `lockstep rollout start`");
  return rows.front().id;
}

Outcome<json::value> read_rollout(store::Store& store, const std::string& reference) {
  LOCKSTEP_TRY(id, rollout_id(store, reference));
  LOCKSTEP_TRY(facts, rollout::read_facts(store.queries(), id));
  return json::value(to_json(facts));
}

// Adds how far the running jobs are, which only this process knows.
void add_progress(json::value& rollout, const jobs::JobRunner& jobs) {
  for (json::value& stage : rollout.as_object()["stages"].as_array()) {
    for (json::value& device : stage.as_object()["devices"].as_array()) {
      const jobs::LiveJob* live = jobs.live(std::string(device.as_object()["job"].as_string()));
      if (live == nullptr) continue;
      device.as_object()["state"] = update::name(live->progress.state);
      device.as_object()["done_bytes"] = live->progress.done_bytes;
      device.as_object()["total_bytes"] = live->progress.total_bytes;
    }
  }
}

Answer show_rollout(Engine::Parts& parts, std::string reference) {
  const auto read = [&](store::Store& store) { return read_rollout(store, reference); };
  LOCKSTEP_CO_TRY(rollout, co_await parts.store.run(read));
  add_progress(rollout, parts.jobs);
  co_return rollout;
}

Answer list_rollouts(Engine::Parts& parts) {
  const auto read = [](store::Store& store) -> Outcome<json::value> {
    LOCKSTEP_TRY(rows, store.queries().rollouts());
    json::array list;
    for (const store::RolloutRow& row : rows) {
      LOCKSTEP_TRY(rollout, read_rollout(store, row.id));
      list.push_back(std::move(rollout));
    }
    return json::value(json::object{{"rollouts", std::move(list)}});
  };
  co_return co_await parts.store.run(read);
}

struct Order {
  std::string release;
  std::vector<std::string> devices;  // empty: all
  rollout::StageSpec spec;
  gate::Policy policy;
};

Outcome<std::vector<std::string>> texts(const json::object& body, std::string_view member) {
  std::vector<std::string> list;
  if (!body.contains(member)) return list;
  LOCKSTEP_TRY(array, json_array(body, member));
  for (const json::value& value : *array) {
    if (!value.is_string()) return fail(ErrorKind::invalid, fmt::format("member \"{}\" must hold texts", member));
    list.emplace_back(value.as_string());
  }
  return list;
}

// By their bytes: anybody can write a suite of the same name that tests nothing.
Outcome<std::vector<gate::RequiredSuite>> suites_from(const json::object& body) {
  std::vector<gate::RequiredSuite> suites;
  LOCKSTEP_TRY(array, json_array(body, "suites"));
  for (const json::value& value : *array) {
    if (!value.is_object()) return fail(ErrorKind::invalid, "member \"suites\" must hold objects with \"file\" and \"xml\"");
    LOCKSTEP_TRY(file, json_text(value.get_object(), "file"));
    LOCKSTEP_TRY(xml, json_text(value.get_object(), "xml"));
    LOCKSTEP_TRY(suite, hil::parse_suite(xml, file));
    suites.push_back({.name = suite.name, .sha256 = suite.sha256, .file = std::string(file)});
  }
  return suites;
}

Outcome<Order> order_from(const json::object& body) {
  Order order;
  LOCKSTEP_TRY(release, json_text(body, "release"));
  order.release = std::string(release);
  LOCKSTEP_TRY(devices, texts(body, "devices"));
  LOCKSTEP_TRY(all, optional_json_bool(body, "all"));
  if (devices.empty() == !all.value_or(false)) {
    return fail(ErrorKind::invalid, "say which devices: a list of names, or all", "--devices A,B or --all");
  }
  order.devices = std::move(devices);
  LOCKSTEP_TRY(suites, suites_from(body));
  order.policy.suites = std::move(suites);
  LOCKSTEP_TRY(canary, optional_json_text(body, "canary"));
  if (canary) order.spec.canary = std::string(*canary);
  LOCKSTEP_TRY(parallel, optional_json_integer(body, "max_parallel"));
  if (parallel) order.spec.fleet_parallel = *parallel;
  LOCKSTEP_TRY(budget, optional_json_integer(body, "budget"));
  if (budget) order.spec.fleet_budget = *budget;
  LOCKSTEP_TRY(deadline, optional_json_integer(body, "deadline_seconds"));
  if (deadline) order.spec.deadline = std::chrono::seconds(*deadline);
  return order;
}

Outcome<gate::Verdict> ask_gate(store::Store& store, const release::Release& release, const gate::Policy& policy) {
  const gate::ReleaseDigests digests = gate::digests_of(release);
  LOCKSTEP_TRY(evidence, evidence_about(store, digests.manifest_sha256));
  LOCKSTEP_TRY(runners, jobs::trusted_keys(store, "runner"));
  return gate::evaluate(digests, evidence, runners, policy);
}

Outcome<void> must_be_allowed(const store::ReleaseRow& row, const gate::Verdict& verdict) {
  if (verdict.allowed) return {};
  std::string why = row.id + " may not be promoted";
  std::string next;
  for (const gate::Lack& lack : verdict.missing) {
    why += "\n  - " + lack.what;
    if (next.empty()) next = lack.next;
  }
  // The newest is the one that the reader has just made; the rest is history.
  constexpr std::size_t told = 3;
  for (std::size_t i = 0; i < std::min(told, verdict.rejected.size()); ++i) {
    const gate::Rejected& rejected = verdict.rejected[verdict.rejected.size() - 1 - i];
    why += fmt::format("\n  - evidence {} does not count: {}", rejected.digest.substr(0, 12), rejected.why);
  }
  if (verdict.rejected.size() > told) why += fmt::format("\n  - nor do {} older ones (`lockstep evidence list`)", verdict.rejected.size() - told);
  return fail(ErrorKind::refused, why, next);
}

// Devices that pairing already refuses are named before anything starts.
Outcome<void> must_pair(store::Store& store, const release::Release& release, const std::vector<std::string>& names) {
  std::string why;
  for (const std::string& name : names) {
    LOCKSTEP_TRY(device, store.queries().find_device(name));
    if (!device) return fail(ErrorKind::not_found, "there is no device '" + name + "'", "`lockstep device list` shows them all");
    if (auto answer = jobs::pair(release, *device); !answer) why += (why.empty() ? "" : "\n") + answer.error().what;
  }
  if (why.empty()) return {};
  return fail(ErrorKind::refused, why, "leave these devices out, or bring them to a state from which the release allows it");
}

Answer start_rollout(Engine::Parts& parts, Request request) {
  LOCKSTEP_CO_TRY(body, parse_json_object(request.body));
  LOCKSTEP_CO_TRY(order, order_from(body));
  const auto create = [&](store::Store& store) -> Outcome<json::value> {
    LOCKSTEP_TRY(row, jobs::find_release(store, order.release));
    LOCKSTEP_TRY(manifest, jobs::load_release(store, row));
    LOCKSTEP_TRY(verdict, ask_gate(store, manifest, order.policy));
    LOCKSTEP_CHECK(must_be_allowed(row, verdict));
    if (order.devices.empty()) {
      LOCKSTEP_TRY(devices, store.queries().devices());
      for (const store::DeviceRow& device : devices) order.devices.push_back(device.name);
    }
    LOCKSTEP_CHECK(must_pair(store, manifest, order.devices));
    LOCKSTEP_TRY(stages, rollout::plan_stages(order.devices, order.spec));
    rollout::RolloutRequest wanted{row.id, std::move(stages), {}};
    for (const gate::Accepted& accepted : verdict.accepted) wanted.evidence.push_back(accepted.digest);
    LOCKSTEP_TRY(id, rollout::create_rollout(store, wanted, "api"));
    return read_rollout(store, id);
  };
  co_return co_await parts.store.run(create);
}

using Change = Outcome<void> (*)(store::Store&, std::string_view, std::string_view, std::string_view);

Answer change_rollout(Engine::Parts& parts, std::string reference, Request request, Change change) {
  json::object body;
  if (!request.body.empty()) {
    LOCKSTEP_CO_TRY(parsed, parse_json_object(request.body));
    body = std::move(parsed);
  }
  LOCKSTEP_CO_TRY(reason, optional_json_text(body, "reason"));
  const auto apply = [&](store::Store& store) -> Outcome<json::value> {
    LOCKSTEP_TRY(id, rollout_id(store, reference));
    LOCKSTEP_CHECK(change(store, id, reason.value_or("asked for by a person"), "api"));
    return read_rollout(store, id);
  };
  co_return co_await parts.store.run(apply);
}

}  // namespace

void add_rollout_routes(Router& router, Engine::Parts& parts) {
  router.add("GET", "/v1/rollouts", [&parts](Request, Parameters) { return list_rollouts(parts); });
  router.add("POST", "/v1/rollouts", [&parts](Request r, Parameters) { return start_rollout(parts, std::move(r)); });
  router.add("GET", "/v1/rollouts/:rollout", [&parts](Request, Parameters p) { return show_rollout(parts, p["rollout"]); });
  const std::pair<const char*, Change> changes[] = {
      {"pause", rollout::pause_rollout}, {"resume", rollout::resume_rollout}, {"halt", rollout::halt_rollout}};
  for (const auto& [verb, change] : changes) {
    router.add("POST", std::string("/v1/rollouts/:rollout/") + verb, [&parts, change = change](Request r, Parameters p) {
      return change_rollout(parts, p["rollout"], std::move(r), change);
    });
  }
}

}  // namespace lockstep::api
