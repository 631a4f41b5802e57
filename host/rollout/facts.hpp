// Everything decide() looks at: one rollout as the store knows it at one moment.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"
#include "host/base/text.hpp"
#include "host/store/queries.hpp"

namespace lockstep::rollout {

enum class Phase : std::uint8_t {
  running,
  paused,     // a person stopped it: what runs is finished, nothing is started
  halted,     // the rollout stopped itself, or a person halted it: the same, and the reason names the devices
  completed,  // every device of every stage has its result
};
std::string_view text(Phase phase);  // "running"; as the store has it

// How a device counts, or how its job ended.
enum class Mark : std::uint8_t {
  none,         // nothing yet
  succeeded,    // reported the release running, confirmed and healthy
  reverted,     // went back to its old image by itself
  failed,
  unreachable,
  cancelled,
  silent,       // its job is older than the stage's deadline and has not ended
};
std::string_view text(Mark mark);
std::optional<Mark> mark_from_text(std::string_view text);
constexpr bool is_bad(Mark mark) { return mark != Mark::none && mark != Mark::succeeded; }

struct DeviceFacts {
  std::string device;
  bool runs_release = false;   // its last report: all images of the release running, confirmed, healthy
  Mark counted = Mark::none;   // as recorded in this rollout
  bool accepted = false;       // bad, and a person went on nevertheless: no longer against the budget
  bool busy = false;           // has an unfinished job, ours or another's
  std::string job = {};        // the last job of this rollout on it; empty: none
  bool job_running = false;    // ... and it is unfinished
  Time job_created{};
  Mark job_end = Mark::none;   // ... or how it ended
  std::string job_reason = {};
};

struct StageFacts {
  std::string name;
  std::int64_t max_parallel = 1;
  std::int64_t budget = 0;
  std::int64_t deadline_ms = 0;  // 0: never silent
  std::vector<DeviceFacts> devices;
};

struct RolloutFacts {
  std::string id;
  std::string release;
  Phase phase = Phase::running;
  std::string reason;       // of a pause or halt
  std::int64_t stage = -1;  // index of the running stage; -1: none was started
  std::vector<StageFacts> stages;
};

// Reads one rollout. not_found when there is none of that id.
Outcome<RolloutFacts> read_facts(store::Queries& queries, std::string_view rollout);

// Does the device's last report say that it runs every one of these images, confirmed and healthy? What was never
// reported is not running.
bool runs_release(const store::DeviceRow& device, const std::vector<store::ReleaseImage>& images);

// Figures for people.
struct StageCounts {
  std::string name;
  std::int64_t devices = 0, succeeded = 0, reverted = 0, failed = 0, unreachable = 0, cancelled = 0, silent = 0;
  std::int64_t running = 0, waiting = 0;
  std::int64_t accepted = 0;      // of the bad ones
  std::int64_t most_victims = 0;  // no more than this many devices can go bad before the stage stops: budget + max_parallel
};
std::vector<StageCounts> count(const RolloutFacts& facts);

}  // namespace lockstep::rollout
