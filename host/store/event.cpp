#include "host/store/event.hpp"

#include <utility>

#include "host/base/json.hpp"
#include "host/store/event_codec.hpp"

namespace lockstep::store {
namespace {

struct Envelope {
  EventHeader header;
  std::string actor;
  int schema = 0;
  json::object data;
};

Outcome<Envelope> read_envelope(std::string_view canonical) {
  LOCKSTEP_TRY(object, parse_json_object(canonical));
  LOCKSTEP_TRY(again, canonical_text(object));
  if (again != canonical) return fail(ErrorKind::invalid, "the event's text is not in canonical form");
  if (object.size() != 8) return fail(ErrorKind::invalid, "an event has 8 members, here are " + std::to_string(object.size()));
  LOCKSTEP_TRY(actor, json_text(object, "actor"));
  LOCKSTEP_TRY(data, json_object(object, "data"));
  LOCKSTEP_TRY(origin, json_text(object, "origin"));
  LOCKSTEP_TRY(schema, json_integer(object, "schema"));
  LOCKSTEP_TRY(sequence, json_integer(object, "sequence"));
  LOCKSTEP_TRY(subject, json_text(object, "subject"));
  LOCKSTEP_TRY(time, json_text(object, "time"));
  LOCKSTEP_TRY(type, json_text(object, "type"));
  if (schema < 1 || schema > 1'000'000) return fail(ErrorKind::invalid, "the schema is out of range");
  Envelope envelope;
  envelope.header = {.origin = std::string(origin), .sequence = sequence, .time = std::string(time),
                     .type = std::string(type), .subject = std::string(subject)};
  envelope.actor = actor;
  envelope.schema = static_cast<int>(schema);
  envelope.data = *data;
  return envelope;
}

// Tries the alternatives of EventBody one after the other until the type fits.
template <std::size_t I = 0>
Outcome<EventBody> read_body(const Envelope& envelope) {
  if constexpr (I == std::variant_size_v<EventBody>) {
    return fail(ErrorKind::conflict, "events of type " + printable(envelope.header.type) + " are unknown here",
                "read it with a newer Lockstep");
  } else {
    using Body = std::variant_alternative_t<I, EventBody>;
    if (envelope.header.type != Body::kind.type) return read_body<I + 1>(envelope);
    if (envelope.schema > Body::kind.schema) {
      return fail(ErrorKind::conflict,
                  envelope.header.type + " has schema " + std::to_string(envelope.schema) + ", known here is " +
                      std::to_string(Body::kind.schema),
                  "read it with a newer Lockstep");
    }
    LOCKSTEP_TRY(body, from_object<Body>(envelope.data, envelope.schema));
    return EventBody(std::move(body));
  }
}

}  // namespace

Kind kind_of(const EventBody& body) {
  return std::visit([](const auto& b) { return std::decay_t<decltype(b)>::kind; }, body);
}

std::string subject_of(const EventBody& body) {
  return std::visit([](const auto& b) { return b.subject(); }, body);
}

Outcome<std::string> canonical_json(const Event& event) {
  const Kind kind = kind_of(event.body);
  LOCKSTEP_TRY(data, std::visit([](const auto& b) { return to_object(b); }, event.body));
  json::object object;
  object["actor"] = event.actor;
  object["data"] = std::move(data);
  object["origin"] = event.origin;
  object["schema"] = kind.schema;
  object["sequence"] = event.sequence;
  object["subject"] = subject_of(event.body);
  object["time"] = format_time(event.time);
  object["type"] = kind.type;
  return canonical_text(object);
}

Outcome<Event> parse_event(std::string_view canonical) {
  LOCKSTEP_TRY(envelope, read_envelope(canonical));
  LOCKSTEP_TRY(body, read_body(envelope));
  LOCKSTEP_TRY(time, parse_time(envelope.header.time));
  if (subject_of(body) != envelope.header.subject) {
    return fail(ErrorKind::invalid, "the subject does not fit the data: " + printable(envelope.header.subject));
  }
  return Event{.origin = std::move(envelope.header.origin), .sequence = envelope.header.sequence, .time = time,
               .actor = std::move(envelope.actor), .body = std::move(body)};
}

Outcome<EventHeader> parse_header(std::string_view canonical) {
  LOCKSTEP_TRY(envelope, read_envelope(canonical));
  return std::move(envelope.header);
}

}  // namespace lockstep::store
