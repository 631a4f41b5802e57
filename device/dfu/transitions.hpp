// The states of DFU 1.1 as a table (specification, appendix A.2; the same table is in device/README.md, "USB DFU").
// Nothing here acts: function.cpp finds out what is true, and the table says where that leads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "protocols/dfu/dfu.hpp"

namespace lockstep::dfu {

enum class Event : std::uint8_t {
  detach,
  dnload,          // with data
  dnload_end,      // without
  upload,
  get_status,
  clear_status,
  get_state,
  abort,
  bus_reset,
  detach_timeout,  // the host did not reset the bus in time
  work_done,       // the flash work of dfuDNBUSY or dfuMANIFEST is over
};

// What is true while an event is looked up.
struct Facts {
  bool fine = false;      // dnload, upload: it can be granted; work_done: it succeeded
  bool pending = false;   // get_status: there is work to be done first
  bool full = false;      // upload: as many bytes as were asked for
  bool tolerant = false;  // the device goes on without a bus reset after the manifestation
  bool fresh = false;     // bus_reset: nobody has spoken to the DFU interface since the last one
};

enum class When : std::uint8_t { always, fine, pending, settled, full, ended, tolerant, intolerant, fresh };

struct Transition {
  State from;
  Event event;
  When when;
  State to;
};

// clang-format off
inline constexpr std::array transitions = std::to_array<Transition>({
  // from                       event                  when              to
  {State::app_idle,             Event::detach,         When::always,     State::app_detach},
  {State::app_idle,             Event::get_status,     When::always,     State::app_idle},
  {State::app_idle,             Event::get_state,      When::always,     State::app_idle},
  {State::app_idle,             Event::bus_reset,      When::always,     State::app_idle},

  {State::app_detach,           Event::get_status,     When::always,     State::app_detach},
  {State::app_detach,           Event::get_state,      When::always,     State::app_detach},
  {State::app_detach,           Event::detach_timeout, When::always,     State::app_idle},
  {State::app_detach,           Event::bus_reset,      When::always,     State::idle},

  {State::idle,                 Event::dnload,         When::fine,       State::dnload_sync},
  {State::idle,                 Event::upload,         When::full,       State::upload_idle},
  {State::idle,                 Event::upload,         When::ended,      State::idle},
  {State::idle,                 Event::abort,          When::always,     State::idle},
  {State::idle,                 Event::get_status,     When::always,     State::idle},
  {State::idle,                 Event::get_state,      When::always,     State::idle},
  {State::idle,                 Event::bus_reset,      When::fresh,      State::idle},
  {State::idle,                 Event::bus_reset,      When::always,     State::app_idle},

  {State::dnload_sync,          Event::get_status,     When::pending,    State::dnload_busy},
  {State::dnload_sync,          Event::get_status,     When::settled,    State::dnload_idle},
  {State::dnload_sync,          Event::get_state,      When::always,     State::dnload_sync},
  {State::dnload_sync,          Event::bus_reset,      When::always,     State::app_idle},

  {State::dnload_busy,          Event::work_done,      When::fine,       State::dnload_sync},
  {State::dnload_busy,          Event::work_done,      When::always,     State::error},
  {State::dnload_busy,          Event::bus_reset,      When::always,     State::app_idle},

  {State::dnload_idle,          Event::dnload,         When::fine,       State::dnload_sync},
  {State::dnload_idle,          Event::dnload_end,     When::fine,       State::manifest_sync},
  {State::dnload_idle,          Event::abort,          When::always,     State::idle},
  {State::dnload_idle,          Event::get_status,     When::always,     State::dnload_idle},
  {State::dnload_idle,          Event::get_state,      When::always,     State::dnload_idle},
  {State::dnload_idle,          Event::bus_reset,      When::always,     State::app_idle},

  {State::manifest_sync,        Event::get_status,     When::pending,    State::manifest},
  {State::manifest_sync,        Event::get_status,     When::settled,    State::idle},
  {State::manifest_sync,        Event::get_state,      When::always,     State::manifest_sync},
  {State::manifest_sync,        Event::bus_reset,      When::always,     State::app_idle},

  {State::manifest,             Event::work_done,      When::tolerant,   State::manifest_sync},
  {State::manifest,             Event::work_done,      When::intolerant, State::manifest_wait_reset},
  {State::manifest,             Event::work_done,      When::always,     State::error},
  {State::manifest,             Event::bus_reset,      When::always,     State::app_idle},

  {State::manifest_wait_reset,  Event::get_status,     When::always,     State::manifest_wait_reset},
  {State::manifest_wait_reset,  Event::get_state,      When::always,     State::manifest_wait_reset},
  {State::manifest_wait_reset,  Event::bus_reset,      When::always,     State::app_idle},

  {State::upload_idle,          Event::upload,         When::full,       State::upload_idle},
  {State::upload_idle,          Event::upload,         When::ended,      State::idle},
  {State::upload_idle,          Event::abort,          When::always,     State::idle},
  {State::upload_idle,          Event::get_status,     When::always,     State::upload_idle},
  {State::upload_idle,          Event::get_state,      When::always,     State::upload_idle},
  {State::upload_idle,          Event::bus_reset,      When::always,     State::app_idle},

  {State::error,                Event::clear_status,   When::always,     State::idle},
  {State::error,                Event::get_status,     When::always,     State::error},
  {State::error,                Event::get_state,      When::always,     State::error},
  {State::error,                Event::bus_reset,      When::always,     State::app_idle},
});
// clang-format on

constexpr bool holds(When when, const Facts& facts) {
  switch (when) {
    case When::always: return true;
    case When::fine: return facts.fine;
    case When::pending: return facts.pending;
    case When::settled: return !facts.pending;
    case When::full: return facts.fine && facts.full;
    case When::ended: return facts.fine && !facts.full;
    case When::tolerant: return facts.fine && facts.tolerant;
    case When::intolerant: return facts.fine && !facts.tolerant;
    case When::fresh: return facts.fresh;
  }
  return false;
}

// Whether the state knows the event at all.
constexpr bool is_known(State from, Event event) {
  for (const Transition& t : transitions) {
    if (t.from == from && t.event == event) return true;
  }
  return false;
}

// Where an event leads; the first row that fits counts. Nothing: a request is stalled and leads where
// after_stall() says, anything else is no event in that state.
constexpr std::optional<State> next_state(State from, Event event, const Facts& facts) {
  for (const Transition& t : transitions) {
    if (t.from == from && t.event == event && holds(t.when, facts)) return t.to;
  }
  return std::nullopt;
}

constexpr bool is_in_dfu_mode(State s) { return s != State::app_idle && s != State::app_detach; }
constexpr State after_stall(State from) { return is_in_dfu_mode(from) ? State::error : State::app_idle; }

}  // namespace lockstep::dfu
