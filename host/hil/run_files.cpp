#include "host/hil/run_files.hpp"

#include <algorithm>
#include <filesystem>

#include "host/base/crypto.hpp"
#include "host/base/files.hpp"
#include "host/hil/evidence.hpp"

namespace lockstep::hil {
namespace {

namespace fs = std::filesystem;

// Regular files only: the folder may also hold sockets and the board's flash, which is no record of the run.
bool is_record(const fs::directory_entry& entry) {
  const std::string extension = entry.path().extension();
  return entry.is_regular_file() && (extension == ".log" || extension == ".times" || extension == ".xml" || extension == ".jsonl");
}

Outcome<void> add_artefacts(RunResult& result, const std::string& run_dir) {
  std::error_code ec;
  for (const fs::directory_entry& entry : fs::directory_iterator(run_dir, ec)) {
    if (!is_record(entry)) continue;
    LOCKSTEP_TRY(digest, sha256_file(entry.path()));
    result.artefacts.push_back({entry.path().filename(), digest.hex(), entry.file_size()});
  }
  if (ec) return fail(ErrorKind::io, run_dir + ": " + ec.message());
  std::ranges::sort(result.artefacts, {}, &ArtefactRecord::name);
  return {};
}

}  // namespace

Outcome<void> write_run_files(RunResult& result, const RunRequest& request) {
  LOCKSTEP_CHECK(write_file(request.run_dir + "/junit.xml", junit_xml(result)));
  LOCKSTEP_CHECK(add_artefacts(result, request.run_dir));
  if (!request.runner_key_pem.empty() && !result.subjects.empty()) {
    LOCKSTEP_TRY(envelope, sign_evidence(result, request.runner_key_pem));
    result.evidence_file = request.run_dir + "/evidence.dsse";
    LOCKSTEP_CHECK(write_file(result.evidence_file, envelope));
  }
  return write_file(request.run_dir + "/results.json", results_json(result));
}

}  // namespace lockstep::hil
