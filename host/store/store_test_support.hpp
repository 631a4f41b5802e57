// What the tests of this room share: a store in a folder of its own, with a clock that ticks one second per event.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "host/base/temp_dir.hpp"
#include "host/store/store.hpp"

namespace lockstep::store::testing {

inline std::function<Time()> ticking_clock() {
  return [tick = parse_time("2026-11-23T18:00:00.000Z")]() mutable {
    *tick += std::chrono::seconds(1);
    return *tick;
  };
}

inline std::unique_ptr<Store> open_store(const std::filesystem::path& path, std::string origin = "test") {
  auto store = Store::open(path, {.clock = ticking_clock(), .origin = std::move(origin)});
  REQUIRE_MESSAGE(store, store.error().what);
  return *std::move(store);
}

template <class T>
T must(Outcome<T> outcome) {
  REQUIRE_MESSAGE(outcome, outcome.error().what);
  return *std::move(outcome);
}
inline void must(Outcome<void> outcome) { REQUIRE_MESSAGE(outcome, outcome.error().what); }

inline std::string digest_of(char c) { return std::string(64, c); }

// One of every kind of event, in an order that the tables accept.
inline std::vector<EventBody> one_of_each() {
  const std::string envelope = digest_of('a'), evidence = digest_of('b');
  return {
      DaemonStarted{.daemon = "test", .version = "0.1.0", .pid = 4711},
      LedgerHeadAccepted{.head = "4:" + digest_of('6'), .kept = "", .reason = "the disk was replaced"},
      KeyTrusted{.key_id = digest_of('1'), .name = "rig-3", .role = "runner", .public_pem = "-----BEGIN PUBLIC KEY-----\n"},
      DeviceAdded{.device = "board-1", .link = "smp+unix:///run/b1", .serial = "SN1", .board = "node-m3", .revision = "1.2", .product = "thermostat"},
      DeviceAdded{.device = "board-2", .link = "smp+udp://10.0.0.7:1337", .serial = "SN2", .board = "node-m3", .revision = "1.2", .product = "thermostat"},
      DeviceUpdated{.device = "board-1",
                    .components = {{.component = "app", .version = "1.0.0", .image_hash = digest_of('c'), .confirmed = true}},
                    .health = "healthy", .detail = "21 \u00b0C", .facts = {{"mode", "swap"}, {"buf_size", 1024}}},
      DeviceMoved{.device = "board-2", .link = "smp+udp://10.0.0.8:1337"},
      DeviceSoftware{.device = "board-1", .software = {{"mobile-app", "5.3.0"}}},
      ArtefactAdded{.digest = envelope, .size = 900, .role = "envelope", .name = "release.dsse"},
      ArtefactAdded{.digest = evidence, .size = 700, .role = "evidence", .name = "evidence.dsse"},
      ReleaseAdded{.release = "thermostat@2.0.0", .product = "thermostat", .version = "2.0.0", .title = "Heat \"pump\"",
                   .manifest_digest = digest_of('d'), .envelope_digest = envelope, .key_ids = {digest_of('2')},
                   .images = {{.component = "app", .version = "2.0.0", .file_digest = digest_of('e'), .image_hash = digest_of('f'), .size = 51200}}},
      HilRunStarted{.run = "run-1", .suite = "smoke", .suite_digest = digest_of('3'), .rig = "qemu", .rig_digest = digest_of('4'),
                    .release = "thermostat@2.0.0", .manifest_digest = digest_of('d')},
      HilAttempt{.run = "run-1", .test = "boots", .attempt = 1, .verdict = "failed", .reason = "no line \"APP\" within 5 s",
                 .duration_ms = 5001, .artefacts = {digest_of('5')}, .measurements = {}},
      HilAttempt{.run = "run-1", .test = "boots", .attempt = 2, .verdict = "passed", .reason = "", .duration_ms = 812,
                 .artefacts = {}, .measurements = {{"boot", "812 ms"}}},
      HilRunFinished{.run = "run-1", .verdict = "passed-unstable", .reason = "", .evidence_digest = evidence, .report_digest = ""},
      EvidenceAdded{.digest = evidence, .run = "run-1", .suite = "smoke", .verdict = "passed-unstable", .manifest_digest = digest_of('d')},
      RolloutCreated{.rollout = "rollout-1", .release = "thermostat@2.0.0", .manifest_digest = digest_of('d'),
                     .stages = {{.name = "canary", .devices = {"board-1"}, .max_parallel = 1, .budget = 0, .deadline_ms = 60000},
                                {.name = "fleet", .devices = {"board-2"}, .max_parallel = 4, .budget = 1, .deadline_ms = 60000}},
                     .evidence = {evidence}},
      RolloutStageStarted{.rollout = "rollout-1", .stage = 0, .name = "canary"},
      JobCreated{.job = "job-1", .device = "board-1", .release = "thermostat@2.0.0", .rollout = "rollout-1", .facts = {}},
      JobState{.job = "job-1", .state = "uploading", .facts = {{"old_version", "1.0.0"}, {"resets", 0}}},
      JobFinished{.job = "job-1", .outcome = "reverted", .reason = "it runs 1.0.0 again", .facts = {{"resets", 1}}},
      RolloutDeviceResult{.rollout = "rollout-1", .stage = 0, .device = "board-1", .job = "job-1", .outcome = "reverted", .reason = "it runs 1.0.0 again"},
      RolloutHalted{.rollout = "rollout-1", .stage = 0, .reason = "board-1 reverted", .devices = {"board-1"}},
      RolloutResumed{.rollout = "rollout-1", .reason = "known", .accepted = {"board-1"}},
      RolloutPaused{.rollout = "rollout-1", .reason = "lunch"},
      RolloutResumed{.rollout = "rollout-1", .reason = "", .accepted = {}},
      RolloutCompleted{.rollout = "rollout-1", .succeeded = 1, .bad = 1},
  };
}

inline void append_all(Store& store, std::vector<EventBody> bodies) {
  for (EventBody& body : bodies) must(store.append(std::move(body), "tester"));
}

}  // namespace lockstep::store::testing
