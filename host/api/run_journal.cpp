#include "host/api/run_journal.hpp"

#include <fmt/format.h>

#include <filesystem>

namespace lockstep::api {

namespace asio = boost::asio;

namespace {

std::string digest_of(const std::vector<hil::DigestRecord>& records, std::string_view prefix) {
  for (const hil::DigestRecord& record : records) {
    if (record.name.starts_with(prefix)) return record.sha256;
  }
  return {};
}

std::string measured(const hil::Measurement& m) {
  if (!m.value) return "unset";
  return fmt::format("{:g}{}{} ({})", *m.value, m.unit.empty() ? "" : " ", m.unit, hil::text(m.outcome));
}

// Keeps a file of the run directory as an artefact; gives its digest and the event that says so.
Outcome<std::string> keep(store::Store& store, const std::filesystem::path& file, std::string_view role,
                          std::vector<store::EventBody>& events) {
  LOCKSTEP_TRY(artefact, store.artefacts().put_file(file));
  LOCKSTEP_TRY(known, store.queries().find_artefact(artefact.digest));
  if (!known) {
    events.emplace_back(store::ArtefactAdded{artefact.digest, artefact.size, std::string(role), file.filename().string()});
  }
  return artefact.digest;
}

Outcome<void> record_end(store::Store& store, const hil::RunResult& result, const std::string& manifest_digest) {
  std::vector<store::EventBody> events;
  store::HilRunFinished finished;
  finished.run = result.run_id;
  finished.verdict = std::string(hil::text(result.verdict));
  finished.reason = result.reason;
  if (result.evidence_file.empty()) return store.append(std::move(finished)) ? Outcome<void>{} : fail(ErrorKind::io, "the ledger refused the end of the run");
  const std::filesystem::path evidence(result.evidence_file);
  LOCKSTEP_TRY(evidence_digest, keep(store, evidence, "evidence", events));
  LOCKSTEP_TRY(report_digest, keep(store, evidence.parent_path() / "junit.xml", "report", events));
  finished.evidence_digest = evidence_digest;
  finished.report_digest = report_digest;
  events.emplace_back(store::EvidenceAdded{evidence_digest, result.run_id, result.suite_name, finished.verdict, manifest_digest});
  events.emplace_back(std::move(finished));
  LOCKSTEP_CHECK(store.append(std::move(events)));
  return {};
}

}  // namespace

asio::awaitable<Outcome<void>> LedgerRunJournal::started(hil::RunResult so_far) {
  store::HilRunStarted event;
  event.run = so_far.run_id;
  event.suite = so_far.suite_name;
  event.suite_digest = digest_of(so_far.configuration, "suite");
  event.rig = so_far.rig_id;
  event.rig_digest = digest_of(so_far.configuration, "rig");
  event.release = release_id_;
  event.manifest_digest = manifest_digest_;
  auto appended = co_await store_.append(std::move(event));
  if (!appended) co_return Fail(appended.error());
  co_return Outcome<void>{};
}

asio::awaitable<Outcome<void>> LedgerRunJournal::attempt(std::string run_id, std::string test_id,
                                                         hil::AttemptRecord attempt) {
  store::HilAttempt event;
  event.run = std::move(run_id);
  event.test = std::move(test_id);
  event.attempt = attempt.number;
  event.verdict = std::string(hil::text(attempt.verdict));
  event.reason = attempt.reason;
  event.duration_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(attempt.end.steady - attempt.start.steady).count();
  for (const hil::Measurement& m : attempt.measurements) event.measurements[m.name] = measured(m);
  auto appended = co_await store_.append(std::move(event));
  if (!appended) co_return Fail(appended.error());
  co_return Outcome<void>{};
}

asio::awaitable<Outcome<void>> LedgerRunJournal::finished(hil::RunResult result) {
  const auto record = [&](store::Store& store) { return record_end(store, result, manifest_digest_); };
  co_return co_await store_.run(record);
}

}  // namespace lockstep::api
