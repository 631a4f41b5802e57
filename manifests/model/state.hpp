// What a device and the software around it are at one moment, what one can do, and what may happen by itself.
//
// A moment is a State: one Part for each component of the catalogue, in its order.
//
// Steps (Act), each with what must hold before and what it changes:
//   stage     an A/B component not in trial gets version v into its idle slot; the fallback, if there is one, is gone
//             from the first byte on. v's `from` must contain the active version (not looked at when v is the active
//             version itself); v could boot there as far as hardware and counter go, so that nothing is staged only to
//             overwrite a fallback; the way to the component must be open for v (below).
//             staged = v, fallback = none.
//   activate  A/B components with a staged image boot it, all of them at once, each on trial; or one `single` component
//             is written in place: v's `from` must contain the active version (not looked at when it is torn; looked at
//             when it is v itself, which is erased first as any other), and the way must be open for v.
//             A/B: fallback = active, active = staged, staged = none, trial = true. single: torn while it is written,
//             then active = v. Then data that move at boot: epoch = what v writes. So v runs beside the old data for a
//             moment and must read them: a conversion that begins with what v cannot read is none.
//             (Of several components one boots before the other: that asks nothing that their reverts do not ask.)
//   confirm   components on trial. trial = false; ab_trial: fallback = none (the bootloader does not go back any more);
//             ab_late keeps it.
//   finalise  one component on the device, not torn, not on trial, nothing staged: in this order fallback = none,
//             counter = max(counter, the active version's), epoch = what the active version writes. The only
//             irreversible act.
//   publish   software of kind `app`: v becomes available: alive gets v.
//   retire    software of kind `app`: v is not used any more (adoption is complete): alive loses v; at least one stays.
//   roll      software of kind `service`: alive is anything but {v} before, all of that and v meanwhile, {v} at the end. So a
//             roll that broke off is ended by another one, forwards or backwards.
//
// What happens by itself (any number of these, in any order):
//   revert    ab_trial on trial, and ab_late with a fallback at any time: active = fallback, fallback = staged = none,
//             trial = false; counter and epoch stay.
//   cut       a `single` component that is being written is torn.
//   refusal   a step does not happen: the state stays.
//
// Safe. A state is safe when for each component on the device with an active version a (a torn one demands nothing and
// is demanded nothing of, also when it is torn at the start: nobody knows what was being written there, so nothing but
// the goal asks for its repair, and any version that can be written there will do):
//   hardware  one of a's boards and revisions is the device's;
//   counter   a's security counter is at least the component's;
//   data      a reads the component's epoch;
// and when each need (v of component i needs `range` of component j) holds:
//   active    v is active (software: alive): j's active version is in the range; of software every version alive is;
//   installed v is in a slot of i from which the device may boot it (active, fallback or staged; software: alive): the
//             same.
//   A need on a torn component, and one on software of which no version is alive, holds. Of software every version alive
//   demands and is demanded of, however many there are. Software is not written, so that during_flash says nothing of it.
// A component that the device does not have has no active version (`none`): it demands nothing, a need on it does not hold,
// no step is done on it, and nothing is written through it.
// The way to component i is open for v when the component that i is written through is not torn and each need of v with
// `during_flash` holds and is on a component that is not torn.
// Reachable. A state is live when in each state that reverts lead to (including none), the way is open for the versions
// that went away: for a component that reverted, the version it reverted from; for one that is torn, the version that
// was being written. Then the step can be done again.
//
// A plan is good when every state of it, every state in the middle of a step, and every state that reverts and cuts
// lead to from there, is safe and live; and for each write (stage, activation of a single) the way is open in each of
// them, too. A version's one-way mark has no part in this: it says what cannot be undone (manifests/explain), which is no
// reason not to do it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/model/catalogue.hpp"

namespace lockstep::model {

struct Part {
  // Component on the device.
  Index active = torn;
  Index fallback = none;      // of ab_trial only while on trial: its bootloader does not go back from a confirmed image
  Index staged = none;
  bool trial = false;
  std::uint32_t counter = 0;  // stored security counter
  std::uint32_t epoch = 0;    // of its stored data
  // Software: versions in use, ascending, none twice.
  std::vector<Index> alive;

  friend bool operator==(const Part&, const Part&) = default;
};

struct State {
  std::vector<Part> parts;  // one per component of the catalogue

  friend bool operator==(const State&, const State&) = default;
};

// The device that the parts are on.
struct Board {
  std::string board;
  version::Version revision;
};

enum class Act : std::uint8_t { stage, activate, confirm, finalise, publish, retire, roll };
std::string_view text(Act act);
inline constexpr Act acts[] = {Act::stage,   Act::activate, Act::confirm, Act::finalise,
                               Act::publish, Act::retire,   Act::roll};

struct Target {
  Index component = none;
  Index version = none;  // confirm and finalise: the active one

  friend bool operator==(const Target&, const Target&) = default;
};

struct Step {
  Act act = Act::stage;
  std::vector<Target> targets;  // one; several only for activate and confirm

  friend bool operator==(const Step&, const Step&) = default;
};

// What shall be true in the end; for each component of the catalogue.
struct Goal {
  // On the device: this version active and not on trial. Software: only this version alive. none: whatever it is then.
  std::vector<Index> versions;
};

// What a plan may not use, with the name that an explanation shall cite.
struct Ban {
  Index component = none;
  Index version = none;
  std::string reason;  // "held by QA until 2026-12-01: battery drain"
};

// What is asked of a planner.
struct Problem {
  const Catalogue* catalogue = nullptr;  // borrowed
  Board board;
  State start;
  Goal goal;
  std::vector<Ban> bans;          // no step makes a banned version staged, active or alive
  std::vector<Target> stuck;      // software versions that will stay in use whatever we do: never retired or rolled away
};

// A plan with what it relies on: the state that each step must find (compare-and-set) and the one it must leave.
struct Plan {
  Board board;
  State start;
  Goal goal;
  std::vector<Step> steps;
  std::vector<State> after;  // one per step
};

// Costs in the order of their weight.
struct Cost {
  std::uint64_t irreversible = 0;  // finalise steps
  std::uint64_t reboots = 0;       // sum over activated components
  std::uint64_t publications = 0;  // publish and roll steps
  std::uint64_t bytes = 0;         // staged, or written in place

  friend auto operator<=>(const Cost&, const Cost&) = default;
};

// "stage app 2.0.0", "activate app 2.0.0 and radio 3.1.0".
std::string text(const Catalogue& catalogue, const Step& step);

}  // namespace lockstep::model
