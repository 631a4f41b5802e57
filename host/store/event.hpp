// One event: an envelope (who, when, about what) around a typed body, and its canonical text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "host/base/error.hpp"
#include "host/base/text.hpp"
#include "host/store/event_bodies.hpp"
#include "host/store/event_bodies_work.hpp"

namespace lockstep::store {

using EventBody =
    std::variant<DaemonStarted, LedgerHeadAccepted, KeyTrusted, DeviceAdded, DeviceUpdated, DeviceMoved, DeviceSoftware, ArtefactAdded, ReleaseAdded,
                 JobCreated, JobState, JobFinished, HilRunStarted, HilAttempt, HilRunFinished, EvidenceAdded,
                 RolloutCreated, RolloutStageStarted, RolloutDeviceResult, RolloutHalted, RolloutPaused,
                 RolloutResumed, RolloutCompleted>;

Kind kind_of(const EventBody& body);
std::string subject_of(const EventBody& body);  // "job/7f3a...", "device/board-3"

struct Event {
  std::string origin;          // the daemon or field laptop on which it happened
  std::int64_t sequence = 0;   // 1, 2, 3 ... within its origin
  Time time{};                 // for people and deadlines; order comes from sequence and position only
  std::string actor;           // the person or program that caused it
  EventBody body;
};

// What a ledger row holds of an event, readable without knowing the type (audit, events of a newer version).
struct EventHeader {
  std::string origin;
  std::int64_t sequence = 0;
  std::string time;     // RFC 3339, UTC, milliseconds: "2026-11-23T18:05:40.123Z"
  std::string type;
  std::string subject;
};

// The canonical text: JSON without white space, object keys in byte order, integers only, strings escaped as
// Boost.JSON does (RFC 8785, JSON Canonicalization Scheme, for the subset used here). These bytes are stored and
// hashed as they are; they are never made again from a decoded event.
// invalid - a text is not UTF-8, or a fact has a floating-point number.
Outcome<std::string> canonical_json(const Event& event);

// Reads what canonical_json wrote, also from older schemas.
//   invalid  - not JSON, not canonical, a field missing or of the wrong type
//   conflict - type or schema unknown here: written by a newer Lockstep
Outcome<Event> parse_event(std::string_view canonical);

// Only the envelope; works for types unknown here. invalid as above.
Outcome<EventHeader> parse_header(std::string_view canonical);

}  // namespace lockstep::store
