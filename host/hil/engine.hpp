// Runs a suite on a rig and leaves a run directory: results.json, junit.xml, suite.xml, rig.xml, console logs with
// times, and evidence.dsse when a runner key is given.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/error.hpp"
#include "host/hil/drivers.hpp"
#include "host/hil/result.hpp"
#include "host/hil/rig.hpp"
#include "host/hil/suite.hpp"
#include "manifests/release/release.hpp"

namespace lockstep::hil {

// What the run is about, when it is about a release.
struct ReleaseRef {
  std::string product;
  std::string version;
  std::string manifest_name;    // "thermostat-2.0.0.xml"
  std::string manifest_sha256;  // hex, of the signed XML
};

// An image offered for a suite's artifact parameters.
struct ArtifactInput {
  std::string role;       // "candidate", "baseline"
  std::string component;  // "app"; empty fits any component
  std::string name;       // shown and signed: "thermostat-2.0.signed.bin"
  std::string file;       // where its bytes are
  std::string sha256;     // hex, what the bytes must hash to; empty: not known beforehand
};

struct RunRequest {
  std::string run_id;   // unique; the caller's
  std::string run_dir;  // exists or can be made; belongs to the run from now on
  Suite suite;
  Rig rig;
  std::optional<ReleaseRef> release;
  // For steps that update: by role, signature checked. Their images are among the artifacts.
  std::map<std::string, release::Release> releases;
  std::vector<ArtifactInput> artifacts;
  std::map<std::string, std::string> params;  // values for the suite's non-artifact parameters
  // For ${name} in the rig file, beside run.id and run.dir: e.g. bin (folder of our programs), image.key.
  std::map<std::string, std::string> rig_values;
  std::vector<std::string> image_keys_pem;  // public keys that images must be signed with; for update steps
  std::string tool_name = "lockstep";  // configuration entry of the evidence
  std::string tool_sha256;             // of the running program, hex; empty: left out
  std::string runner_key_pem;          // private key that signs the evidence; empty: none is made
};

// Said in order; the run waits for each. A failure ends the run as `error`: what cannot be recorded did not happen.
class RunJournal {
 public:
  virtual ~RunJournal() = default;
  virtual asio::awaitable<Outcome<void>> started(RunResult so_far);
  virtual asio::awaitable<Outcome<void>> attempt(std::string run_id, std::string test_id, AttemptRecord attempt);
  virtual asio::awaitable<Outcome<void>> finished(RunResult result);
};

// Live view, for people only; may be dropped. Texts are cut to max_text bytes, console lines come at most
// max_lines_per_second (a count says how many were left out).
struct Progress {
  static constexpr std::size_t max_text = 400;
  static constexpr std::size_t max_lines_per_second = 50;
  enum class Kind : std::uint8_t { phase, test, step, measurement, console, update, log };
  Kind kind = Kind::log;
  std::string run_id;
  std::string subject;  // test id, step name, console name ...
  std::string text;
  std::optional<Verdict> verdict;  // test and step: at their end
  std::uint64_t done = 0;          // update: bytes
  std::uint64_t total = 0;
};
std::string_view text(Progress::Kind kind);

class ProgressSink {
 public:
  virtual ~ProgressSink() = default;
  virtual void on_progress(const Progress& progress) = 0;  // must not block
};

// Lets others stop a run. Call from the run's loop only. Keep it alive until the run has returned.
class RunControl {
 public:
  // The current step ends, remaining tests become `cancelled`, and teardown runs.
  void cancel(std::string reason);
  bool cancelled() const { return cancelled_; }
  const std::string& reason() const { return reason_; }

 private:
  friend class StepRunner;
  bool cancelled_ = false;
  std::string reason_;
  asio::steady_timer* waiting_ = nullptr;  // the deadline of the running step
};

// Runs the suite to its end; teardown always runs. The verdict is in the result, which is also in run_dir.
// Does not obey Asio's cancellation (teardown must run): use RunControl.
// Errors: only when no result could be made at all: io (run_dir), internal.
asio::awaitable<Outcome<RunResult>> run_suite(RunRequest request, Equipment& equipment, Clock& clock,
                                              RunJournal& journal, ProgressSink& progress, RunControl& control);

}  // namespace lockstep::hil
