#include "host/api/evidence.hpp"

#include "host/jobs/releases.hpp"

namespace lockstep::api {

Outcome<std::vector<gate::Evidence>> evidence_about(store::Store& store, std::string_view manifest_digest) {
  LOCKSTEP_TRY(rows, store.queries().evidence(manifest_digest));
  std::vector<gate::Evidence> out;
  for (const store::EvidenceRow& row : rows) {
    LOCKSTEP_TRY(envelope, store.artefacts().get_text(row.digest));
    out.push_back({row.digest, std::move(envelope)});
  }
  return out;
}

Outcome<gate::TestedVersions> tested_versions(store::Store& store, const std::vector<release::Release>& releases) {
  LOCKSTEP_TRY(runners, jobs::trusted_keys(store, "runner"));
  gate::TestedVersions out;
  for (const release::Release& release : releases) {
    LOCKSTEP_TRY(evidence, evidence_about(store, release.sha256.hex()));
    out.add(release, evidence, runners);
  }
  return out;
}

}  // namespace lockstep::api
