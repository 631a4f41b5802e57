// What to do next in a rollout: a pure function over facts. It keeps no memory; deciding twice over the same facts
// gives the same intents, so a daemon killed anywhere decides again and goes on.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "host/rollout/facts.hpp"

namespace lockstep::rollout {

// The intents, in the order in which they must be carried out.
struct RecordResult {  // this is how the device counts from now on
  std::int64_t stage = 0;
  std::string device;
  std::string job;  // empty: it already ran the release
  Mark mark = Mark::none;
  std::string reason;
};
struct Halt {
  std::int64_t stage = 0;
  std::string reason;  // names the devices and what happened to each
  std::vector<std::string> devices;
};
struct StartStage {
  std::int64_t stage = 0;
  std::string name;
};
struct StartJob {
  std::int64_t stage = 0;
  std::string device;
};
struct Complete {
  std::int64_t succeeded = 0;
  std::int64_t bad = 0;
};
using Intent = std::variant<RecordResult, Halt, StartStage, StartJob, Complete>;

struct Decision {
  std::vector<Intent> intents;
  // When nothing happens before: decide again then (a job may have become silent). Empty: only an event can change
  // the answer.
  std::optional<Time> again_at;
};

// Rules:
//   - ends of jobs are recorded in every phase; jobs are started and stages advanced only while running;
//   - a stage halts when more devices are bad (and not accepted) than its budget; a halt and a StartJob never come
//     together;
//   - at most max_parallel jobs of a stage run at once; a silent job keeps its place, because it may still be at work;
//   - a device that already runs the release succeeds without a job; one that is busy with another job is left alone
//     until that has ended; no device gets a second job from one rollout;
//   - the next stage starts when every device of the stage has a result, none of them silent with a running job;
//     after the last one the rollout completes.
Decision decide(const RolloutFacts& facts, Time now);

}  // namespace lockstep::rollout
