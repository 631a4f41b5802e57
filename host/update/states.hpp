// The life of a job: states, events and the one table that says where an event leads.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace lockstep::update {

enum class State : std::uint8_t {
  queued,       // known, nothing done yet
  inspecting,   // who is there, and what does it run?
  uploading,    // the image goes into the free slot
  marking,      // the device shall boot it once
  resetting,    // telling the device to reset
  returning,    // waiting for it to come back
  checking,     // the new image runs on trial: is it healthy?
  confirming,   // keep it
  verifying,    // the device itself says: expected image, running, confirmed, healthy
  reverting,    // the trial is unhealthy: a reset makes the bootloader go back
  succeeded,    // end: the device proved it
  reverted,     // end: the device runs its old image again
  failed,       // end: an error that trying again will not cure; the device runs what `reason` says
  unreachable,  // end: the device is silent; what it runs is unknown
  cancelled,    // end: stopped on request before the device was changed for good
};

enum class Event : std::uint8_t {
  started,         // a worker took the job
  image_missing,   // the device does not hold the expected image
  image_stored,    // ... holds it, not marked
  image_pending,   // ... will boot it at the next reset
  image_on_trial,  // ... runs it, not confirmed
  image_kept,      // ... runs it, confirmed
  told_to_reset,   // the reset was sent (answered or not)
  healthy,         // passed its health check
  unhealthy,       // did not, within the time given
  went_back,       // runs another image after the reset
  refused,         // an answer, a rule or a check says no for good
  silent,          // no answer within all retries and deadlines
  cancel,          // the owner does not want it any more
};

// Where `event` leads from `from` by the table in transitions.hpp; nothing when it has no such row (a defect:
// the job then fails and says so).
std::optional<State> next_state(State from, Event event);

constexpr bool is_end(State s) { return s >= State::succeeded; }

// "uploading"; stable, stored in the ledger.
std::string_view name(State s);
std::string_view name(Event e);
std::optional<State> state_from_name(std::string_view name);

}  // namespace lockstep::update
