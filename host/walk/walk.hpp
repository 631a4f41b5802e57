// Walks one device, and the software around it, along a certified plan: looks, compares, does one step, looks again.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "host/base/error.hpp"
#include "host/walk/certified_plan.hpp"
#include "host/walk/sight.hpp"

namespace lockstep::walk {

namespace asio = boost::asio;

// How a walk ended.
enum class End : std::uint8_t {
  arrived,      // what is seen is the plan's last state
  waiting,      // the next step is for people (publish, adoption); walk again when they have done it
  reverted,     // a component went back by itself; the device rests in a state that the plan proved safe
  elsewhere,    // what is seen is no state of this plan's next step: nothing was done about it; make a new plan
  refused,      // the device, or a check before writing, said no; nothing else happened
  unreachable,  // silent; walk again when it is back
  cancelled,    // stopped on request between two steps
};
std::string_view text(End end);  // "arrived"; stable, kept in the ledger

// One line of the walk's journal.
struct WalkRecord {
  std::size_t step = 0;  // from 0; the one that is to be done next, or is being done
  friend bool operator==(const WalkRecord&, const WalkRecord&) = default;
};

struct WalkResult {
  End end = End::refused;
  std::size_t step = 0;     // the one that was not finished; the number of steps when it arrived
  std::string reason = {};  // in words; empty when it arrived
  Sight seen = {};          // the last look; empty when there was none
};

// A step with the state that it finds and the one that it must leave. Borrowed from the plan.
struct Move {
  std::size_t number;  // from 0
  const model::Step& step;
  const model::State& before;
  const model::State& after;
};

enum class Performed : std::uint8_t { done, waits_for_people };

// Who does the steps: over links, in a store, or a person. The second courier (devices that pull) is another one.
class Performer {
 public:
  virtual ~Performer() = default;

  // What is there now; asked anew each time, never remembered.
  virtual asio::awaitable<Outcome<Sight>> look() = 0;
  // Does one step. It may have been begun before (a cut, a killed host), so it must be repeatable from the middle.
  // What it says is not believed: the walk looks again. unreachable and cancelled end the walk so; every other error is
  // `refused`.
  virtual asio::awaitable<Outcome<Performed>> perform(const Move& move) = 0;
};

class WalkJournal {
 public:
  virtual ~WalkJournal() = default;
  // Makes it durable; a step is begun only after that.
  virtual asio::awaitable<Outcome<void>> save(WalkRecord record) = 0;
};

// Asked before each step that finds nothing on trial: true stops there. A trial is seen through, because it ends by itself.
using CancelWanted = std::function<bool()>;

// From the journal's last record (a new walk: {}) to an end. Before each step what is seen must be the state that the
// plan names (compare and set), or one in the middle of the step, from which a certified plan lets it be repeated; it is
// never improvised. May be killed anywhere and walked again. `performer` and `journal` are borrowed until it ends.
asio::awaitable<WalkResult> walk(CertifiedPlan plan, WalkRecord from, Performer& performer, WalkJournal& journal,
                                 CancelWanted cancel);

// A plan, who does its steps (a performer speaks in the words of one catalogue), and where in it to begin: where the journal
// left a plan that was kept, else at its first step.
struct Course {
  CertifiedPlan plan;
  std::shared_ptr<Performer> performer;
  WalkRecord from = {};
};

// Makes a plan from what the device is at that moment. Errors end the pursuit.
using Replan = std::function<asio::awaitable<Outcome<Course>>()>;

// Plans, walks, and plans anew when the device is elsewhere, `replans_most` times. A component that went back ends it: it
// is tried again only when somebody says so. Outcome: an error of `replan`.
asio::awaitable<Outcome<WalkResult>> pursue(Replan replan, WalkJournal& journal, CancelWanted cancel,
                                            std::uint32_t replans_most = 3);

}  // namespace lockstep::walk
