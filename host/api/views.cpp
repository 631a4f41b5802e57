#include "host/api/views.hpp"

#include "host/base/json.hpp"

namespace lockstep::api {

json::array to_json(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

json::object to_json(const store::DeviceRow& row) {
  json::array components;
  for (const store::ComponentReport& c : row.components) {
    components.push_back(json::object{
        {"component", c.component}, {"version", c.version}, {"image_hash", c.image_hash}, {"confirmed", c.confirmed},
        {"idle_version", c.idle_version}, {"idle_hash", c.idle_hash}, {"idle_pending", c.idle_pending}});
  }
  return {{"device", row.name},
          {"link", row.link},
          {"board", row.board},
          {"revision", row.revision},
          {"serial", row.serial},
          {"product", row.product},
          {"components", std::move(components)},
          {"software", row.software},
          {"health", row.health},
          {"health_detail", row.health_detail},
          {"facts", row.facts},
          {"added", row.added},
          {"reported", row.reported},
          {"active_job", row.active_job}};
}

json::object to_json(const store::ReleaseRow& row) {
  json::array images;
  for (const store::ReleaseImage& image : row.images) {
    images.push_back(json::object{{"component", image.component},
                                  {"version", image.version},
                                  {"file_digest", image.file_digest},
                                  {"image_hash", image.image_hash},
                                  {"size", image.size}});
  }
  return {{"release", row.id},
          {"product", row.product},
          {"version", row.version},
          {"title", row.title},
          {"manifest_digest", row.manifest_digest},
          {"envelope_digest", row.envelope_digest},
          {"key_ids", to_json(row.key_ids)},
          {"images", std::move(images)},
          {"added", row.added}};
}

json::object to_json(const store::JobRow& row, const jobs::LiveJob* live) {
  json::object object{{"job", row.id},         {"device", row.device},   {"release", row.release},
                      {"rollout", row.rollout}, {"state", row.state},     {"facts", row.facts},
                      {"outcome", row.outcome}, {"reason", row.reason},   {"created", row.created},
                      {"updated", row.updated}, {"finished", row.finished}};
  if (live != nullptr) {
    object["progress"] = json::object{{"state", update::name(live->progress.state)},
                                      {"done_bytes", live->progress.done_bytes},
                                      {"total_bytes", live->progress.total_bytes},
                                      {"bytes_per_second", live->progress.bytes_per_second},
                                      {"cancelling", live->cancelling}};
    object["log"] = json::array(live->log.begin(), live->log.end());
  }
  return object;
}

json::object to_json(const store::RunRow& row) {
  json::array attempts;
  for (const store::AttemptRow& a : row.attempts) {
    attempts.push_back(json::object{{"test", a.test},
                                    {"attempt", a.attempt},
                                    {"verdict", a.verdict},
                                    {"reason", a.reason},
                                    {"duration_ms", a.duration_ms},
                                    {"measurements", a.measurements},
                                    {"time", a.time}});
  }
  return {{"run", row.id},
          {"suite", row.suite},
          {"suite_digest", row.suite_digest},
          {"rig", row.rig},
          {"rig_digest", row.rig_digest},
          {"release", row.release},
          {"verdict", row.verdict},
          {"reason", row.reason},
          {"evidence_digest", row.evidence_digest},
          {"report_digest", row.report_digest},
          {"started", row.started},
          {"finished", row.finished},
          {"attempts", std::move(attempts)}};
}

json::object to_json(const store::EvidenceRow& row) {
  return {{"digest", row.digest},   {"run", row.run},         {"suite", row.suite},
          {"verdict", row.verdict}, {"manifest_digest", row.manifest_digest}, {"added", row.added}};
}

json::object to_json(const store::KeyRow& row) {
  return {{"key_id", row.key_id}, {"name", row.name}, {"role", row.role}, {"public_pem", row.public_pem}, {"added", row.added}};
}

json::object to_json(const store::LedgerRow& row) {
  json::object object{{"position", row.position},
                      {"origin", row.header.origin},
                      {"sequence", row.header.sequence},
                      {"time", row.header.time},
                      {"type", row.header.type},
                      {"subject", row.header.subject}};
  if (auto event = parse_json(row.canonical)) object["event"] = *std::move(event);
  return object;
}

}  // namespace lockstep::api
