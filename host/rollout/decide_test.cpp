#include "host/rollout/decide.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

using namespace lockstep;
using namespace lockstep::rollout;

namespace {

const Time start = *parse_time("2026-11-23T18:00:00.000Z");
constexpr auto minute = std::chrono::minutes(1);

DeviceFacts waiting(std::string name) { return {.device = std::move(name)}; }
DeviceFacts working(std::string name, Time since = start) {
  return {.device = name, .busy = true, .job = "job-" + name, .job_running = true, .job_created = since};
}
DeviceFacts ended(std::string name, Mark end, std::string reason = {}) {
  return {.device = name, .job = "job-" + name, .job_created = start, .job_end = end, .job_reason = std::move(reason)};
}
DeviceFacts counted(std::string name, Mark mark) {
  DeviceFacts device = ended(std::move(name), mark);
  device.counted = mark;
  return device;
}

RolloutFacts facts(std::vector<DeviceFacts> canary, std::vector<DeviceFacts> fleet = {}) {
  RolloutFacts f{.id = "r", .release = "thermostat@2.0.0", .phase = Phase::running, .reason = {}, .stage = 0, .stages = {}};
  f.stages.push_back({.name = "canary", .max_parallel = 1, .budget = 0, .deadline_ms = 60'000, .devices = std::move(canary)});
  if (!fleet.empty()) {
    f.stages.push_back({.name = "fleet", .max_parallel = 2, .budget = 1, .deadline_ms = 60'000, .devices = std::move(fleet)});
  }
  return f;
}

// The intents as one line that a person can compare.
std::string said(const Decision& decision) {
  struct ToText {
    std::string operator()(const RecordResult& r) const { return r.device + "=" + std::string(text(r.mark)); }
    std::string operator()(const Halt& h) const { return "halt[" + h.reason + "]"; }
    std::string operator()(const StartStage& s) const { return "stage " + s.name; }
    std::string operator()(const StartJob& s) const { return "start " + s.device; }
    std::string operator()(const Complete& c) const {
      return "complete " + std::to_string(c.succeeded) + "/" + std::to_string(c.bad);
    }
  };
  std::string all;
  for (const Intent& intent : decision.intents) all += (all.empty() ? "" : ", ") + std::visit(ToText{}, intent);
  return all;
}

std::string decided(const RolloutFacts& f, Time now = start) { return said(decide(f, now)); }

}  // namespace

TEST_CASE("a new rollout begins with its canary and leaves the fleet alone") {
  RolloutFacts f = facts({waiting("a"), waiting("b")}, {waiting("c")});
  f.stage = -1;
  CHECK(decided(f) == "stage canary, start a");
}

TEST_CASE("the fleet starts when the whole canary has succeeded, as many at once as allowed") {
  CHECK(decided(facts({ended("a", Mark::succeeded)}, {waiting("b"), waiting("c"), waiting("d")})) ==
        "a=succeeded, stage fleet, start b, start c");
  CHECK(decided(facts({counted("a", Mark::succeeded), working("b")}, {waiting("c")})) == "");
}

TEST_CASE("one bad device in the canary halts, and the reason names it and says what happened") {
  struct Case {
    Mark end;
    const char* word;
  };
  for (const Case& c : {Case{Mark::reverted, "reverted"}, {Mark::failed, "failed"}, {Mark::unreachable, "unreachable"}, {Mark::cancelled, "cancelled"}}) {
    const std::string word = c.word;
    CHECK(decided(facts({ended("a", c.end, "it runs 1.0.0 again"), waiting("b")}, {waiting("c")})) ==
          "a=" + word + ", halt[canary: 1 of 2 devices bad, tolerated 0: a " + word + " (it runs 1.0.0 again)]");
  }
}

TEST_CASE("a silent canary halts at its deadline and not before; the decision says when to look again") {
  const RolloutFacts f = facts({working("a")}, {waiting("b")});
  const Decision before = decide(f, start + minute - std::chrono::milliseconds(1));
  CHECK(said(before) == "");
  REQUIRE(before.again_at);
  CHECK(*before.again_at == start + minute);
  const Decision after = decide(f, start + minute);
  CHECK(said(after) == "a=silent, halt[canary: 1 of 1 devices bad, tolerated 0: a silent (no result in time)]");
  CHECK_FALSE(after.again_at);
}

TEST_CASE("without a deadline nothing becomes silent") {
  RolloutFacts f = facts({working("a")});
  f.stages[0].deadline_ms = 0;
  const Decision decision = decide(f, start + 1000 * minute);
  CHECK(said(decision) == "");
  CHECK_FALSE(decision.again_at);
}

TEST_CASE("a silent device that answers after all is counted by its answer; the halt stays a person's to lift") {
  DeviceFacts late = ended("a", Mark::succeeded);
  late.counted = Mark::silent;
  RolloutFacts f = facts({late}, {waiting("b")});
  f.phase = Phase::halted;
  CHECK(decided(f) == "a=succeeded");
}

TEST_CASE("a stage with a budget tolerates so many bad devices, and one more halts it") {
  auto f = facts({counted("a", Mark::succeeded)}, {counted("b", Mark::failed), waiting("c"), waiting("d"), waiting("e")});
  f.stage = 1;
  CHECK(decided(f) == "start c, start d");
  f.stages[1].devices[1] = ended("c", Mark::unreachable, "no answer");
  CHECK(decided(f) == "c=unreachable, halt[fleet: 2 of 4 devices bad, tolerated 1: b failed, c unreachable (no answer)]");
}

TEST_CASE("bad devices that a person accepted no longer count") {
  auto f = facts({counted("a", Mark::reverted)}, {waiting("b")});
  f.stages[0].devices[0].accepted = true;
  CHECK(decided(f) == "stage fleet, start b");
}

TEST_CASE("paused and halted rollouts record what ends and start nothing") {
  for (const Phase phase : {Phase::paused, Phase::halted, Phase::completed}) {
    auto f = facts({ended("a", Mark::succeeded), waiting("b")}, {waiting("c")});
    f.phase = phase;
    CHECK(decided(f) == "a=succeeded");
    f.stages[0].devices[0] = ended("a", Mark::failed);
    CHECK(decided(f) == "a=failed");
  }
}

TEST_CASE("a device that runs the release already needs no job") {
  auto f = facts({waiting("a")}, {waiting("b"), waiting("c")});
  f.stages[0].devices[0].runs_release = true;
  f.stages[1].devices[0].runs_release = true;
  CHECK(decided(f) == "a=succeeded, stage fleet, b=succeeded, start c");
}

TEST_CASE("a device that is busy with another job is left alone until that has ended") {
  auto f = facts({waiting("a")}, {waiting("b")});
  f.stages[0].devices[0].busy = true;
  f.stages[0].devices[0].runs_release = true;  // may change under the other job
  CHECK(decided(f) == "");
  f.stages[0].devices[0].busy = false;
  CHECK(decided(f) == "a=succeeded, stage fleet, start b");
}

TEST_CASE("a silent job keeps its place among those that run at once, and its stage open") {
  DeviceFacts silent = working("b");
  silent.counted = Mark::silent;
  auto f = facts({counted("a", Mark::succeeded)}, {silent, working("c"), waiting("d")});
  f.stage = 1;
  CHECK(decided(f) == "");
  f.stages[1].devices[1] = ended("c", Mark::succeeded);
  CHECK(decided(f) == "c=succeeded, start d");
  f.stages[1].devices[2] = counted("d", Mark::succeeded);
  CHECK(decided(f) == "c=succeeded");  // b may still be at work
  f.stages[1].devices[0] = ended("b", Mark::unreachable);
  f.stages[1].devices[0].counted = Mark::silent;
  CHECK(decided(f) == "b=unreachable, c=succeeded, complete 3/1");
}

TEST_CASE("after the last stage the rollout completes and counts its devices") {
  CHECK(decided(facts({ended("a", Mark::succeeded)})) == "a=succeeded, complete 1/0");
  RolloutFacts none = facts({});
  none.stages.clear();
  CHECK(decided(none) == "");
}

// A world around decide(): jobs end in random order and with random results, time passes, people pause, resume and
// halt, the daemon dies between two intents. After every step the rules must hold.
namespace {

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    const int stages = pick(1, 3);
    int name = 0;
    for (int s = 0; s < stages; ++s) {
      StageFacts stage{.name = "s" + std::to_string(s), .max_parallel = pick(1, 4), .budget = pick(0, 2),
                       .deadline_ms = pick(0, 3) * 60'000, .devices = {}};
      for (int d = pick(1, 8); d > 0; --d) {
        stage.devices.push_back(waiting("d" + std::to_string(++name)));
        stage.devices.back().runs_release = pick(0, 9) == 0;
      }
      facts_.stages.push_back(std::move(stage));
    }
  }

  // False when nothing can happen any more.
  bool step() {
    const Decision decision = decide(facts_, now_);
    CHECK(said(decide(facts_, now_)) == said(decision));  // no memory
    const bool dies = pick(0, 5) == 0;
    const std::size_t keep = dies ? static_cast<std::size_t>(pick(0, static_cast<int>(decision.intents.size()))) : decision.intents.size();
    for (std::size_t n = 0; n < keep; ++n) std::visit([this](const auto& intent) { apply(intent); }, decision.intents[n]);
    if (keep == decision.intents.size()) CHECK(said(decide(facts_, now_)) == "");  // nothing is left to do
    check_rules();
    return happen();
  }

  std::string state() const {
    std::string out = std::string(text(facts_.phase)) + " stage " + std::to_string(facts_.stage) + ":";
    for (const StageFacts& s : facts_.stages) {
      for (const DeviceFacts& d : s.devices) {
        out += " " + d.device + "=" + std::string(text(d.counted)) + (d.busy ? " busy" : "") + (d.job_running ? " working" : "");
      }
    }
    return out;
  }
  bool completed() const { return facts_.phase == Phase::completed; }

 private:
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  StageFacts& stage(std::int64_t n) { return facts_.stages[static_cast<std::size_t>(n)]; }
  DeviceFacts& find(const std::string& name) {
    for (StageFacts& s : facts_.stages) {
      for (DeviceFacts& d : s.devices) {
        if (d.device == name) return d;
      }
    }
    throw std::runtime_error("no device " + name);
  }

  void apply(const RecordResult& r) {
    DeviceFacts& device = find(r.device);
    CHECK((device.counted == Mark::none || device.counted == Mark::silent));
    device.counted = r.mark;
  }
  void apply(const Halt& h) {
    CHECK(facts_.phase == Phase::running);
    CHECK_FALSE(h.devices.empty());
    for (const std::string& device : h.devices) CHECK(h.reason.find(device) != std::string::npos);
    facts_.phase = Phase::halted;
  }
  void apply(const StartStage& s) {
    CHECK(facts_.phase == Phase::running);
    CHECK(s.stage == facts_.stage + 1);
    facts_.stage = s.stage;
  }
  void apply(const StartJob& s) {
    DeviceFacts& device = find(s.device);
    CHECK(facts_.phase == Phase::running);
    CHECK(s.stage == facts_.stage);
    CHECK(started_.insert(s.device).second);  // once per rollout
    CHECK_FALSE(device.busy);
    CHECK_FALSE(device.runs_release);
    device.job = "job-" + s.device, device.job_running = true, device.busy = true, device.job_created = now_;
  }
  void apply(const Complete& c) {
    CHECK(facts_.phase == Phase::running);
    std::int64_t all = 0;
    for (const StageFacts& s : facts_.stages) {
      for (const DeviceFacts& d : s.devices) {
        CHECK(d.counted != Mark::none);
        CHECK_FALSE(d.job_running);
        ++all;
      }
    }
    CHECK(c.succeeded + c.bad == all);
    facts_.phase = Phase::completed;
  }

  void check_rules() {
    for (const StageFacts& s : facts_.stages) {
      const auto running = std::count_if(s.devices.begin(), s.devices.end(), [](const auto& d) { return d.job_running; });
      CHECK(running <= s.max_parallel);
      // The bound on victims: however the jobs end, no more devices go bad than budget + max_parallel, beyond those
      // that a person accepted.
      const auto bad = std::count_if(s.devices.begin(), s.devices.end(), [](const auto& d) {
        return is_bad(d.counted == Mark::none || d.counted == Mark::silent ? d.job_end : d.counted) && !d.accepted;
      });
      CHECK(bad <= s.budget + s.max_parallel);
    }
  }

  bool happen() {
    std::vector<DeviceFacts*> working_now, idle;
    for (StageFacts& s : facts_.stages) {
      for (DeviceFacts& d : s.devices) (d.job_running ? working_now : idle).push_back(&d);
    }
    const int what = pick(0, 19);
    if (facts_.phase == Phase::completed) return false;
    if (what == 0 && facts_.phase == Phase::running) {
      facts_.phase = Phase::paused;
    } else if (what == 1 && facts_.phase != Phase::halted) {
      facts_.phase = Phase::halted;
    } else if (what <= 4 && facts_.phase == Phase::paused) {
      facts_.phase = Phase::running;
    } else if (what <= 3 && facts_.phase == Phase::halted) {
      for (StageFacts& s : facts_.stages) {
        for (DeviceFacts& d : s.devices) d.accepted = d.accepted || is_bad(d.counted);
      }
      facts_.phase = Phase::running;
    } else if (what == 5 && !idle.empty()) {
      DeviceFacts& device = *idle[static_cast<std::size_t>(pick(0, static_cast<int>(idle.size()) - 1))];
      device.busy = !device.busy;  // another job comes or goes
    } else if (what <= 7) {
      now_ += minute;
    } else if (!working_now.empty()) {
      DeviceFacts& device = *working_now[static_cast<std::size_t>(pick(0, static_cast<int>(working_now.size()) - 1))];
      constexpr Mark ends[] = {Mark::succeeded, Mark::succeeded, Mark::succeeded, Mark::succeeded, Mark::succeeded,
                               Mark::reverted, Mark::failed, Mark::unreachable, Mark::cancelled};
      device.job_end = ends[pick(0, 8)];
      device.job_running = false, device.busy = false;
      device.runs_release = device.job_end == Mark::succeeded;
    }
    return true;
  }

  std::mt19937 random_;
  RolloutFacts facts_{.id = "r", .release = "x", .phase = Phase::running, .reason = {}, .stage = -1, .stages = {}};
  Time now_ = start;
  std::set<std::string> started_;
};

}  // namespace

TEST_CASE("whatever the order of events, no limit is exceeded, nothing starts after a halt, and the end is reached") {
  int completed = 0;
  for (unsigned seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    World world(seed);
    for (int step = 0; step < 20'000 && world.step(); ++step) {
    }
    completed += world.completed();
    CHECK_MESSAGE(world.completed(), world.state());
  }
  CHECK(completed == 400);
}

TEST_CASE("every short history of two canaries and a fleet device keeps the rules") {
  // All 6^6 sequences of six moves, not a sample; a digit of `code` in base 6 is a move.
  constexpr Mark ends[] = {Mark::succeeded, Mark::reverted};
  int histories = 0;
  for (int code = 0; code < 6 * 6 * 6 * 6 * 6 * 6; ++code) {
    RolloutFacts f = facts({waiting("a"), waiting("b")}, {waiting("c")});
    f.stage = -1;
    Time now = start;
    int rest = code;
    bool halted = false;
    for (int move = 0; move < 6; ++move, rest /= 6) {
      const Decision decision = decide(f, now);
      bool starts = false, halts = false;
      for (const Intent& intent : decision.intents) {
        if (const auto* r = std::get_if<RecordResult>(&intent)) {
          for (StageFacts& s : f.stages) {
            for (DeviceFacts& d : s.devices) d.counted = d.device == r->device ? r->mark : d.counted;
          }
        } else if (std::holds_alternative<Halt>(intent)) {
          halts = halted = true;
          f.phase = Phase::halted;
        } else if (const auto* s = std::get_if<StartStage>(&intent)) {
          f.stage = s->stage;
        } else if (const auto* j = std::get_if<StartJob>(&intent)) {
          starts = true;
          for (DeviceFacts& d : f.stages[static_cast<std::size_t>(j->stage)].devices) {
            if (d.device == j->device) d = working(j->device, now);
          }
        } else {
          f.phase = Phase::completed;
        }
      }
      if ((starts && (halts || halted)) || (starts && f.phase != Phase::running)) FAIL("started after a halt: " << code);
      const auto running = [](const StageFacts& s) { return std::count_if(s.devices.begin(), s.devices.end(), [](const auto& d) { return d.job_running; }); };
      if (running(f.stages[0]) > 1 || running(f.stages[1]) > 2) FAIL("too many at once: " << code);
      if (running(f.stages[0]) > 0 && running(f.stages[1]) > 0) FAIL("two stages at once: " << code);
      const int what = rest % 6;
      if (what < 4) {  // the first or last running job ends well or badly
        std::vector<DeviceFacts*> jobs;
        for (StageFacts& s : f.stages) {
          for (DeviceFacts& d : s.devices) {
            if (d.job_running) jobs.push_back(&d);
          }
        }
        if (jobs.empty()) continue;
        DeviceFacts& job = what < 2 ? *jobs.front() : *jobs.back();
        job.job_end = ends[what % 2], job.job_running = false, job.busy = false;
      } else if (what == 4) {
        now += minute;
      } else if (f.phase == Phase::running || f.phase == Phase::paused) {
        f.phase = f.phase == Phase::running ? Phase::paused : Phase::running;
      }
    }
    ++histories;
  }
  CHECK(histories == 46656);
}
