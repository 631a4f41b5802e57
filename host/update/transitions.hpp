// The update, as a table: this is the specification, executor.cpp obeys it. Private to host/update.
// Read it as: in state FROM the executor looks at the device, acts when there is something to do, and what it
// then knows is EVENT. A missing row is a defect.
#pragma once

#include <array>

#include "host/update/job.hpp"
#include "host/update/states.hpp"

namespace lockstep::update {

struct Transition {
  State from;
  Event event;
  State to;
};

// clang-format off
inline constexpr auto transitions = std::to_array<Transition>({
    // from               event                   to
    {State::queued,      Event::started,         State::inspecting},
    {State::queued,      Event::cancel,          State::cancelled},

    {State::inspecting,  Event::image_missing,   State::uploading},
    {State::inspecting,  Event::image_stored,    State::marking},
    {State::inspecting,  Event::image_pending,   State::resetting},
    {State::inspecting,  Event::image_on_trial,  State::checking},
    {State::inspecting,  Event::image_kept,      State::verifying},
    {State::inspecting,  Event::refused,         State::failed},
    {State::inspecting,  Event::silent,          State::unreachable},
    {State::inspecting,  Event::cancel,          State::cancelled},

    {State::uploading,   Event::image_stored,    State::marking},
    {State::uploading,   Event::image_pending,   State::resetting},
    {State::uploading,   Event::image_on_trial,  State::checking},
    {State::uploading,   Event::image_kept,      State::verifying},
    {State::uploading,   Event::refused,         State::failed},
    {State::uploading,   Event::silent,          State::unreachable},
    {State::uploading,   Event::cancel,          State::cancelled},

    {State::marking,     Event::image_missing,   State::uploading},   // somebody erased the slot
    {State::marking,     Event::image_pending,   State::resetting},
    {State::marking,     Event::image_on_trial,  State::checking},
    {State::marking,     Event::image_kept,      State::verifying},
    {State::marking,     Event::refused,         State::failed},
    {State::marking,     Event::silent,          State::unreachable},

    {State::resetting,   Event::told_to_reset,   State::returning},
    {State::resetting,   Event::image_on_trial,  State::checking},    // it reset already
    {State::resetting,   Event::image_kept,      State::verifying},
    {State::resetting,   Event::went_back,       State::reverted},
    {State::resetting,   Event::refused,         State::failed},
    {State::resetting,   Event::silent,          State::returning},   // perhaps it is booting just now

    {State::returning,   Event::image_pending,   State::resetting},   // it never reset: the request was lost
    {State::returning,   Event::image_on_trial,  State::checking},
    {State::returning,   Event::image_kept,      State::verifying},
    {State::returning,   Event::went_back,       State::reverted},
    {State::returning,   Event::refused,         State::failed},
    {State::returning,   Event::silent,          State::unreachable},

    {State::checking,    Event::healthy,         State::confirming},
    {State::checking,    Event::unhealthy,       State::reverting},
    {State::checking,    Event::image_kept,      State::verifying},   // it confirmed itself
    {State::checking,    Event::went_back,       State::reverted},
    {State::checking,    Event::refused,         State::failed},
    {State::checking,    Event::silent,          State::unreachable},

    {State::confirming,  Event::image_kept,      State::verifying},
    {State::confirming,  Event::went_back,       State::reverted},
    {State::confirming,  Event::refused,         State::failed},
    {State::confirming,  Event::silent,          State::unreachable},

    {State::verifying,   Event::healthy,         State::succeeded},
    {State::verifying,   Event::unhealthy,       State::failed},
    {State::verifying,   Event::image_on_trial,  State::confirming},  // the confirmation did not last
    {State::verifying,   Event::went_back,       State::reverted},
    {State::verifying,   Event::refused,         State::failed},
    {State::verifying,   Event::silent,          State::unreachable},

    {State::reverting,   Event::went_back,       State::reverted},
    {State::reverting,   Event::refused,         State::failed},
    {State::reverting,   Event::silent,          State::unreachable},
});
// clang-format on

// Whether a job that goes only so far is at its end there, instead of where the row leads.
constexpr bool is_far_enough(Reach reach, State from, Event event) {
  switch (reach) {
    case Reach::stored:
      return event == Event::image_stored || event == Event::image_pending || event == Event::image_on_trial ||
             event == Event::image_kept;
    case Reach::marked:
      return event == Event::image_pending || event == Event::image_on_trial || event == Event::image_kept;
    case Reach::tried:
      return event == Event::image_kept || (from == State::checking && event == Event::healthy);
    case Reach::kept:
      return false;
  }
  return false;
}

constexpr bool each_row_is_unique() {
  for (std::size_t i = 0; i < transitions.size(); ++i)
    for (std::size_t j = i + 1; j < transitions.size(); ++j)
      if (transitions[i].from == transitions[j].from && transitions[i].event == transitions[j].event)
        return false;
  return true;
}
static_assert(each_row_is_unique(), "two rows for one state and event");

constexpr bool no_end_has_an_exit() {
  for (const Transition& t : transitions)
    if (is_end(t.from)) return false;
  return true;
}
static_assert(no_end_has_an_exit(), "an end must stay an end");

// Cancelling must be impossible from marking on: the device then changes by itself and has to be seen
// through.
constexpr bool cancel_ends_before_marking() {
  for (const Transition& t : transitions)
    if (t.event == Event::cancel && t.from >= State::marking) return false;
  return true;
}
static_assert(cancel_ends_before_marking());

}  // namespace lockstep::update
