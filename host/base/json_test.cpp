#include "host/base/json.hpp"

#include <doctest/doctest.h>

namespace lockstep {
namespace {

TEST_CASE("members are given by their type, and errors name them") {
  const auto parsed = parse_json_object(
      R"({"name": "board", "size": 12, "big": 18446744073709551615, "minus": -1, "rate": 1.5, "on": true,
          "list": [1], "inner": {"a": 1}, "nothing": null})");
  REQUIRE(parsed);
  const json::object& o = *parsed;
  CHECK(*json_text(o, "name") == "board");
  CHECK(*json_integer(o, "size") == 12);
  CHECK(*json_integer(o, "minus") == -1);
  CHECK(*json_unsigned(o, "big") == UINT64_MAX);
  CHECK(*json_number(o, "rate") == 1.5);
  CHECK(*json_number(o, "size") == 12.0);
  CHECK(*json_bool(o, "on"));
  CHECK((*json_array(o, "list"))->size() == 1);
  CHECK(*json_integer(**json_object(o, "inner"), "a") == 1);

  CHECK(json_text(o, "nam").error().what == "member \"nam\" is missing");
  CHECK(json_integer(o, "name").error().what == "member \"name\" must be a whole number, it is \"board\"");
  CHECK(!json_unsigned(o, "minus"));
  CHECK(!json_integer(o, "big"));
  CHECK(!json_integer(o, "rate"));
  CHECK(!json_text(o, "nothing"));

  CHECK(!*optional_json_text(o, "none"));
  CHECK(!*optional_json_text(o, "nothing"));
  CHECK(**optional_json_integer(o, "size") == 12);
  CHECK(!optional_json_bool(o, "size"));
}

TEST_CASE("what is no JSON is refused with the place") {
  CHECK(parse_json("{\"a\": 1,}").error().what.find("at byte 8") != std::string::npos);
  for (const char* bad : {"", " ", "{", "[1,]", "nul", "{} {}", "'a'", "\"\xff\""}) {
    CAPTURE(bad);
    CHECK(!parse_json(bad));
  }
  CHECK(!parse_json_object("[1]"));
  CHECK(parse_json(std::string(32, '[') + std::string(32, ']')));
  CHECK(!parse_json(std::string(33, '[') + std::string(33, ']')));
  CHECK(!parse_json(std::string(100'000, '[')));
}

TEST_CASE("pretty JSON reads well and parses to the same") {
  const auto value = parse_json(R"({"a":[1,{"b":"x\"y\n"}],"c":{},"d":[]})");
  REQUIRE(value);
  const std::string text = pretty_json(*value);
  CHECK(text ==
        "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x\\\"y\\n\"\n    }\n  ],\n  \"c\": {},\n  \"d\": "
        "[]\n}\n");
  CHECK(*parse_json(text) == *value);
}

}  // namespace
}  // namespace lockstep
