#include "host/store/event.hpp"

#include <set>

#include "host/base/json.hpp"
#include "host/store/event_codec.hpp"
#include "host/store/store_test_support.hpp"

using namespace lockstep;
using namespace lockstep::store;
using namespace lockstep::store::testing;

namespace {

Event example() {
  return {.origin = "lab-1", .sequence = 7, .time = *parse_time("2026-11-23T18:04:05.678Z"), .actor = "anna",
          .body = JobFinished{.job = "job-1", .outcome = "reverted", .reason = "runs \"1.0\"\tagain \u00e9",
                              .facts = {{"b", 2}, {"a", {{"z", true}, {"y", nullptr}}}}}};
}

// Written by hand after RFC 8785 (keys in order, no blanks, short escapes). It must never change: ledgers in the
// field are made of such bytes.
constexpr std::string_view golden =
    R"({"actor":"anna","data":{"facts":{"a":{"y":null,"z":true},"b":2},"job":"job-1","outcome":"reverted",)"
    "\"reason\":\"runs \\\"1.0\\\"\\tagain \u00e9\"},"
    R"("origin":"lab-1","schema":1,"sequence":7,"subject":"job/job-1","time":"2026-11-23T18:04:05.678Z",)"
    R"("type":"job.finished"})";

// A body whose second schema got a field.
struct Grown {
  std::string name;
  std::int64_t added = 42;
  template <class Self, class V>
  static void fields(Self& s, V& v) {
    v("name", s.name), v("added", s.added, 2);
  }
};

}  // namespace

TEST_CASE("the canonical text of an event never changes") { CHECK(must(canonical_json(example())) == golden); }

TEST_CASE("every kind of event reads back as it was written") {
  std::set<std::string_view> types;
  for (const EventBody& body : one_of_each()) {
    const Event event{.origin = "o", .sequence = 1, .time = example().time, .actor = "x", .body = body};
    const std::string text = must(canonical_json(event));
    CAPTURE(text);
    const Event again = must(parse_event(text));
    CHECK(must(canonical_json(again)) == text);
    CHECK(again.body.index() == body.index());
    types.insert(kind_of(body).type);
  }
  CHECK_MESSAGE(types.size() == std::variant_size_v<EventBody>, "one_of_each() lacks a kind of event");
}

TEST_CASE("no cut of an event's text is taken for an event") {
  for (std::size_t size = 0; size < golden.size(); ++size) {
    const std::vector<char> exact(golden.begin(), golden.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(parse_event(std::string_view(exact.data(), exact.size())));
  }
}

TEST_CASE("text that is not canonical is refused, whatever it says") {
  const std::string text(golden);
  CHECK_FALSE(parse_event(" " + text));
  CHECK_FALSE(parse_event(text + "\n"));
  std::string swapped = text;
  swapped.replace(swapped.find("\"b\":2"), 5, "\"b\":2.0");
  CHECK_FALSE(parse_event(swapped));
  std::string escaped = text;
  escaped.replace(escaped.find("\u00e9"), 2, "\\u00e9");
  CHECK_FALSE(parse_event(escaped));
}

TEST_CASE("a missing, unknown or wrongly typed field is named") {
  const auto error = [](std::string_view from, std::string_view to) {
    std::string text(golden);
    text.replace(text.find(from), from.size(), to);
    const auto event = parse_event(text);
    REQUIRE_FALSE(event);
    return event.error().what;
  };
  CHECK(error(R"("outcome":"reverted",)", "") == "member \"outcome\" is missing");
  CHECK(error(R"("outcome":"reverted")", R"("outcome":3)") == "member \"outcome\" has the wrong type");
  CHECK(error(R"("job":"job-1",)", R"("job":"job-1","joc":1,)") == "unknown members in an event's data");
}

TEST_CASE("an event of a newer Lockstep keeps its header and says so") {
  std::string text(golden);
  text.replace(text.find("job.finished"), 12, "job.teleport");
  CHECK(must(parse_header(text)).type == "job.teleport");
  const auto event = parse_event(text);
  REQUIRE_FALSE(event);
  CHECK(event.error().kind == ErrorKind::conflict);

  std::string newer(golden);
  newer.replace(newer.find("\"schema\":1"), 10, "\"schema\":2");
  CHECK(parse_event(newer).error().kind == ErrorKind::conflict);
}

TEST_CASE("an event of an older schema reads with the new field's default") {
  CHECK(must(from_object<Grown>(must(parse_json_object(R"({"name":"x"})")), 1)).added == 42);
  CHECK(must(from_object<Grown>(must(parse_json_object(R"({"name":"x","added":1})")), 2)).added == 1);
  CHECK_FALSE(from_object<Grown>(must(parse_json_object(R"({"name":"x"})")), 2));
}

TEST_CASE("what a device said to an older Lockstep reads as saying nothing of its other slot") {
  const auto said = must(from_object<DeviceUpdated>(must(parse_json_object(
      R"({"device":"d","components":[{"component":"app","version":"1.0.0","image_hash":"aa","confirmed":true}],)"
      R"("health":"healthy","detail":"","facts":{}})")), 1));
  REQUIRE(said.components.size() == 1);
  CHECK(said.components[0].image_hash == "aa");
  CHECK(said.components[0].idle_hash.empty());
  CHECK_FALSE(said.components[0].idle_pending);
}

TEST_CASE("what has no stable text cannot become an event") {
  Event event = example();
  std::get<JobFinished>(event.body).facts["volt"] = 3.3;
  CHECK(canonical_json(event).error().what == "a floating-point number (3.3E0) cannot be kept in an event");
  event = example();
  std::get<JobFinished>(event.body).reason = "\xff";
  CHECK_FALSE(canonical_json(event));
  event = example();
  event.actor = "\xff";
  CHECK_FALSE(canonical_json(event));
}
