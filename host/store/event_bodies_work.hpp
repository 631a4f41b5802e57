// Events about work on devices: jobs, HIL runs with their evidence, rollouts. Rules: event_bodies.hpp.
#pragma once

#include "host/store/event_bodies.hpp"

namespace lockstep::store {

// One device is to walk one plan. Refused by the store while the device has another unfinished job.
struct JobCreated {
  static constexpr Kind kind{"job.created"};
  std::string job;  // unique id
  std::string device;
  std::string release;
  std::string rollout;  // empty: started by hand
  Facts facts;

  std::string subject() const { return "job/" + job; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("job", s.job), v("device", s.device), v("release", s.release), v("rollout", s.rollout);
    v("facts", s.facts);
  }
};

// Appended BEFORE the state is entered, so that a restart knows what may have begun.
struct JobState {
  static constexpr Kind kind{"job.state"};
  std::string job;
  std::string state;  // host/update/states.hpp as text, or "walking" between two of its jobs
  Facts facts;        // replaces the members of the same name in the job's facts

  std::string subject() const { return "job/" + job; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("job", s.job), v("state", s.state), v("facts", s.facts);
  }
};

struct JobFinished {
  static constexpr Kind kind{"job.finished"};
  std::string job;
  std::string outcome;  // "succeeded", "reverted", "failed", "unreachable" or "cancelled"
  std::string reason;   // one sentence; empty for succeeded
  Facts facts;

  std::string subject() const { return "job/" + job; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("job", s.job), v("outcome", s.outcome), v("reason", s.reason), v("facts", s.facts);
  }
};

struct HilRunStarted {
  static constexpr Kind kind{"hil.run.started"};
  std::string run;
  std::string suite;
  std::string suite_digest;  // of the suite XML
  std::string rig;
  std::string rig_digest;  // of the rig XML
  std::string release;     // may be empty: a run without a release
  std::string manifest_digest;

  std::string subject() const { return "run/" + run; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("run", s.run), v("suite", s.suite), v("suite_digest", s.suite_digest), v("rig", s.rig);
    v("rig_digest", s.rig_digest), v("release", s.release), v("manifest_digest", s.manifest_digest);
  }
};

// One try at one test. Every attempt is kept, also those that a later one repeats.
struct HilAttempt {
  static constexpr Kind kind{"hil.run.attempt"};
  std::string run;
  std::string test;
  std::int64_t attempt = 1;      // from 1
  std::string verdict;           // design, section 1
  std::string reason;            // one sentence; empty when passed
  std::int64_t duration_ms = 0;
  std::vector<std::string> artefacts;  // digests of logs and captures
  Facts measurements;                  // name -> value with unit, as text

  std::string subject() const { return "run/" + run; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("run", s.run), v("test", s.test), v("attempt", s.attempt), v("verdict", s.verdict), v("reason", s.reason);
    v("duration_ms", s.duration_ms), v("artefacts", s.artefacts), v("measurements", s.measurements);
  }
};

struct HilRunFinished {
  static constexpr Kind kind{"hil.run.finished"};
  std::string run;
  std::string verdict;
  std::string reason;
  std::string evidence_digest;  // artefact holding the DSSE envelope; empty: none was made
  std::string report_digest;    // artefact holding the JUnit XML

  std::string subject() const { return "run/" + run; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("run", s.run), v("verdict", s.verdict), v("reason", s.reason), v("evidence_digest", s.evidence_digest);
    v("report_digest", s.report_digest);
  }
};

// An evidence envelope is now kept. What it proves is decided by host/gate from the envelope, not from this.
struct EvidenceAdded {
  static constexpr Kind kind{"evidence.added"};
  std::string digest;  // artefact holding the DSSE envelope
  std::string run;     // may be empty: made elsewhere
  std::string suite;
  std::string verdict;
  std::string manifest_digest;

  std::string subject() const { return "evidence/" + digest; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("digest", s.digest), v("run", s.run), v("suite", s.suite), v("verdict", s.verdict);
    v("manifest_digest", s.manifest_digest);
  }
};

struct RolloutCreated {
  static constexpr Kind kind{"rollout.created"};
  std::string rollout;
  std::string release;
  std::string manifest_digest;
  std::vector<StagePlan> stages;      // at least one; no device twice
  std::vector<std::string> evidence;  // digests that the gate accepted

  std::string subject() const { return "rollout/" + rollout; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("rollout", s.rollout), v("release", s.release), v("manifest_digest", s.manifest_digest);
    v("stages", s.stages), v("evidence", s.evidence);
  }
};

struct RolloutStageStarted {
  static constexpr Kind kind{"rollout.stage.started"};
  std::string rollout;
  std::int64_t stage = 0;  // index into stages
  std::string name;

  std::string subject() const { return "rollout/" + rollout; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("rollout", s.rollout), v("stage", s.stage), v("name", s.name);
  }
};

// How a device counts in its stage. A later result replaces an earlier one (silent, then it answered after all).
struct RolloutDeviceResult {
  static constexpr Kind kind{"rollout.device.result"};
  std::string rollout;
  std::int64_t stage = 0;
  std::string device;
  std::string job;      // empty: it already ran the release
  std::string outcome;  // a job outcome, or "silent"
  std::string reason;

  std::string subject() const { return "rollout/" + rollout; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("rollout", s.rollout), v("stage", s.stage), v("device", s.device), v("job", s.job);
    v("outcome", s.outcome), v("reason", s.reason);
  }
};

struct RolloutHalted {
  static constexpr Kind kind{"rollout.halted"};
  std::string rollout;
  std::int64_t stage = 0;
  std::string reason;                // names the devices
  std::vector<std::string> devices;  // the bad ones

  std::string subject() const { return "rollout/" + rollout; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("rollout", s.rollout), v("stage", s.stage), v("reason", s.reason), v("devices", s.devices);
  }
};

struct RolloutPaused {
  static constexpr Kind kind{"rollout.paused"};
  std::string rollout;
  std::string reason;

  std::string subject() const { return "rollout/" + rollout; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("rollout", s.rollout), v("reason", s.reason);
  }
};

// Goes on after a pause or a halt. `accepted` names bad devices that a person has taken note of: they no longer
// count against the stage's budget.
struct RolloutResumed {
  static constexpr Kind kind{"rollout.resumed"};
  std::string rollout;
  std::string reason;
  std::vector<std::string> accepted;

  std::string subject() const { return "rollout/" + rollout; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("rollout", s.rollout), v("reason", s.reason), v("accepted", s.accepted);
  }
};

struct RolloutCompleted {
  static constexpr Kind kind{"rollout.completed"};
  std::string rollout;
  std::int64_t succeeded = 0;  // devices on the release, confirmed and healthy
  std::int64_t bad = 0;        // the others

  std::string subject() const { return "rollout/" + rollout; }
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("rollout", s.rollout), v("succeeded", s.succeeded), v("bad", s.bad);
  }
};

}  // namespace lockstep::store
