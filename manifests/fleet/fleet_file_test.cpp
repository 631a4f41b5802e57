#include "manifests/fleet/fleet_file.hpp"

#include <doctest/doctest.h>

#include <memory>

#include "host/base/files.hpp"
#include "manifests/fleet/certified.hpp"

namespace lockstep::fleet {
namespace {

std::string golden(const std::string& file = "gateways.json") {
  const auto text = read_text_file(LOCKSTEP_SOURCE_DIR "/manifests/fleet/corpus/fleet_file_fuzz/" + file);
  REQUIRE(text);
  return *text;
}
std::string changed(std::string_view from, std::string_view to, const std::string& file = "gateways.json") {
  std::string text = golden(file);
  const std::size_t at = text.find(from);
  REQUIRE_MESSAGE(at != text.npos, from);
  return text.replace(at, from.size(), to);
}
std::string error(std::string_view text) {
  const auto parsed = parse(text);
  return parsed ? "no error" : parsed.error().what;
}

TEST_CASE("a fleet's file says who there is, with what, and what is used") {
  const auto census = parse(golden());
  REQUIRE_MESSAGE(census, census.error().what);
  REQUIRE(census->devices.size() == 3);
  CHECK(census->devices[0].names == std::vector<std::string>{"gw-1", "gw-2"});
  CHECK(census->devices[0].count == 40);
  CHECK(census->devices[1].count == 1);
  CHECK(census->devices[2].offline);
  CHECK(census->devices[0].report.device.components[0].security_counter == 1u);
  CHECK(census->devices[1].report.slots.back().torn);
  CHECK(census->percent == 95);
  REQUIRE(census->software.size() == 3);
  CHECK(census->software[1].platform == "android");
  CHECK(census->software[1].devices == 25);

  const auto small = parse(golden("small.json"));
  REQUIRE_MESSAGE(small, small.error().what);
  CHECK(small->devices[0].report.slots[0].trial);
  CHECK(small->devices[0].report.in_use[0].platform == "ios");
  CHECK(small->software[0].stay == 1);
  CHECK(small->percent == 100);
}

TEST_CASE("every beginning of a fleet's file is refused") {
  const std::string text = golden();
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    CAPTURE(size);
    // Exactly as many bytes as there are, so that a reader that goes further is found by the sanitizer.
    const auto exact = std::make_unique<char[]>(size);
    std::copy_n(text.data(), size, exact.get());
    CHECK(!parse({exact.get(), size}));
  }
}

TEST_CASE("errors of a fleet's file name the place") {
  CHECK(error("[]") == "a JSON object is wanted here");
  CHECK(error(changed("lockstep-fleet", "lockstep-plan")) == "$.format: \"lockstep-plan\" is no fleet of Lockstep");
  CHECK(error(changed("\"format_version\": 1", "\"format_version\": 2")) == "$.format_version: this program reads version 1, not 2");
  CHECK(error(changed("\"may_strand\"", "\"may_stand\"")) == "$: member \"may_stand\" of a fleet is unknown; did you mean \"may_strand\"?");
  CHECK(error(changed("\"offline\"", "\"ofline\"")) == "$.devices[2]: member \"ofline\" of a device is unknown; did you mean \"offline\"?");
  CHECK(error(changed("\"count\": 40", "\"count\": 1")) == "$.devices[0]: member \"count\" is 1, but 2 names are there");
  CHECK(error(changed("[\"gw-1\", \"gw-2\"]", "[]")) == "$.devices[0].names: at least one of them has a name");
  CHECK(error(changed("\"version\": \"1.0.0\"", "\"version\": \"1.0\"")).starts_with("$.devices[0].components.app.version: "));
  CHECK(error(changed("\"torn\": true", "\"torn\": false")) == "$.devices[1].components.radio: member \"version\" is missing");
  CHECK(error(changed("\"torn\": true", "\"torn\": true, \"version\": \"1.0.0\"")) == "$.devices[1].components.radio: it cannot be torn and have a version");
  CHECK(error(changed("\"devices\": 25", "\"devices\": 25, \"stay\": 26")) == "$.software.mobile-app@android.4.0.0: more would stay on it than use it");
  CHECK(error(changed("\"adoption_percent\": 95", "\"adoption_percent\": 101")) == "$: member \"adoption_percent\" is 101, at most 100 can be");
  CHECK(error(changed("\"adoption_percent\": 95", "\"adoption_percent\": 0")) ==
        "$.adoption_percent: 0 would end versions that everybody uses; it is in 1..100");
  CHECK(error(changed("[\"gw-1\", \"gw-2\"]", "[\"gw-1\", \"gw-1\"]")) == "$.devices[0].names[1]: \"gw-1\" is named at $.devices[0].names[0] already");
  CHECK(error(changed("mobile-app@ios", "@ios")) == "$.software: \"@ios\" is no name of software");
}

// What a person gets for the gateways of the examples.
json::object rehearse(std::string_view text) {
  std::vector<release::Release> releases;
  for (const char* file : {"gateway-1.0.0.xml", "gateway-2.0.0.xml"}) {
    const auto xml = read_text_file(std::string(LOCKSTEP_SOURCE_DIR "/manifests/examples/") + file);
    REQUIRE(xml);
    auto parsed = release::parse(*xml, file);
    REQUIRE(parsed);
    releases.push_back(*std::move(parsed));
  }
  const auto census = parse(text);
  REQUIRE_MESSAGE(census, (census ? "" : census.error().what));
  auto catalogue = model::make_catalogue(releases);
  REQUIRE(catalogue);
  for (const model::Report& report : reports(*census)) REQUIRE(add_reported(*catalogue, report));
  const auto relations = plan::Relations::make(*catalogue);
  REQUIRE(relations);
  const auto made = certified_schedule(*relations, *census, releases[1], model::Scope::device, {.finalise = true});
  REQUIRE_MESSAGE(made, made.error().what);
  return to_json(*made);
}

TEST_CASE("the gateways go in one order, with the waits and those who sleep by name") {
  const json::object all = rehearse(golden());
  std::string kinds;
  for (const json::value& stage : all.at("stages").as_array()) kinds += std::string(*json_text(stage.as_object(), "kind")) + ' ';
  CHECK(kinds == "expand expand expand wait contract wait contract migrate finalise ");
  CHECK(*json_bool(all, "complete"));
  const json::object& wait = all.at("stages").as_array()[3].as_object();
  CHECK(wait.at("adoption").as_object().at("may_remain").to_number<int>() <= 1);
  REQUIRE(all.at("left").as_array().size() == 1);
  CHECK(all.at("left").as_array()[0].as_object().at("devices").as_array()[0] == "cellar-3");
}

TEST_CASE("a device that says too little is named, and does not keep the others") {
  const json::object all = rehearse(changed("\"revision\": \"1\"", "\"revision\": \"B\""));
  REQUIRE(all.at("unknown").as_array().size() == 1);
  CHECK(all.at("unknown").as_array()[0].as_object().at("count").to_number<int>() == 40);
  CHECK(!*json_bool(all, "complete"));
  CHECK(!all.at("stages").as_array().empty());
}

}  // namespace
}  // namespace lockstep::fleet
