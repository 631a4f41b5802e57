#include "host/update/job.hpp"

#include "host/base/json.hpp"

namespace lockstep::update {
namespace {

Outcome<void> read_text(const boost::json::object& json, std::string_view member, std::string& into) {
  LOCKSTEP_TRY(value, optional_json_text(json, member));
  if (value) into = *value;
  return {};
}

Outcome<void> read_count(const boost::json::object& json, std::string_view member, std::uint32_t& into) {
  LOCKSTEP_TRY(value, optional_json_integer(json, member));
  if (!value) return {};
  if (*value < 0 || *value > UINT32_MAX)
    return fail(ErrorKind::invalid, "member \"" + std::string(member) + "\" is out of range");
  into = static_cast<std::uint32_t>(*value);
  return {};
}

Outcome<void> read_identity(const boost::json::object& json, session::Identity& into) {
  const auto* value = json.if_contains("identity");
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_object()) return fail(ErrorKind::invalid, "member \"identity\" must be an object");
  const boost::json::object& identity = value->get_object();
  LOCKSTEP_CHECK(read_text(identity, "board", into.board));
  LOCKSTEP_CHECK(read_text(identity, "revision", into.revision));
  LOCKSTEP_CHECK(read_text(identity, "serial", into.serial));
  return read_text(identity, "product", into.product);
}

}  // namespace

boost::json::object to_json(const JobFacts& facts) {
  boost::json::object out;
  out["old_hash"] = facts.old_hash;
  out["old_version"] = facts.old_version;
  out["seen_running"] = facts.seen_running;
  out["resets"] = std::int64_t(facts.resets);
  out["saves"] = std::int64_t(facts.saves);
  out["link_losses"] = std::int64_t(facts.link_losses);
  out["patch_failures"] = std::int64_t(facts.patch_failures);
  out["saved_bytes"] = std::int64_t(facts.saved_bytes);
  out["reason"] = facts.reason;
  boost::json::object identity;
  identity["board"] = facts.identity.board;
  identity["revision"] = facts.identity.revision;
  identity["serial"] = facts.identity.serial;
  identity["product"] = facts.identity.product;
  out["identity"] = std::move(identity);
  return out;
}

Outcome<JobFacts> job_facts_from_json(const boost::json::object& json) {
  JobFacts facts;
  LOCKSTEP_CHECK(read_text(json, "old_hash", facts.old_hash));
  LOCKSTEP_CHECK(read_text(json, "old_version", facts.old_version));
  LOCKSTEP_TRY(seen, optional_json_bool(json, "seen_running"));
  facts.seen_running = seen.value_or(false);
  LOCKSTEP_CHECK(read_count(json, "resets", facts.resets));
  LOCKSTEP_CHECK(read_count(json, "saves", facts.saves));
  LOCKSTEP_CHECK(read_count(json, "link_losses", facts.link_losses));
  LOCKSTEP_CHECK(read_count(json, "patch_failures", facts.patch_failures));
  LOCKSTEP_CHECK(read_count(json, "saved_bytes", facts.saved_bytes));
  LOCKSTEP_CHECK(read_text(json, "reason", facts.reason));
  LOCKSTEP_CHECK(read_identity(json, facts.identity));
  return facts;
}

}  // namespace lockstep::update
