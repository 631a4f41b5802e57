// A product whose update needs every kind of step: a bootloader written in place, an app on trial that moves its data when
// it is finalised, a service and a mobile app. For tests.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "manifests/check/check.hpp"
#include "manifests/model/problem.hpp"
#include "manifests/plan/plan.hpp"
#include "manifests/plan_file/plan_file.hpp"

namespace lockstep::plan_file::sample {

inline std::string xml(std::string_view version, std::string_view inside) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<release xmlns=\"urn:lockstep:release:1\" "
         "product=\"thermostat\" version=\"" +
         std::string(version) + "\">\n  <hardware board=\"node-m3\"/>\n" + std::string(inside) +
         "</release>\n";
}
inline std::string firmware(std::string_view name, std::string_view version, std::string_view size,
                            char digit, std::string_view inside) {
  const std::string digest(64, digit);
  return "  <firmware component=\"" + std::string(name) + "\" version=\"" + std::string(version) +
         "\" file=\"x.bin\" size=\"" + std::string(size) + "\" sha256=\"" + digest + "\" image-hash=\"" +
         digest + "\" security-counter=\"" + version.front() + "\">" + std::string(inside) + "</firmware>\n";
}
inline std::string software(std::string_view name, std::string_view version, char digit, std::string_view inside) {
  return "  <software component=\"" + std::string(name) + "\" version=\"" + std::string(version) +
         "\" size=\"9\" sha256=\"" + std::string(64, digit) + "\">" + std::string(inside) + "</software>\n";
}

inline constexpr std::string_view kinds =
    "  <component name=\"app\" kind=\"ab-trial\"/>\n  <component name=\"bootloader\" kind=\"single\"/>\n"
    "  <component name=\"backend\" kind=\"service\"/>\n  <component name=\"mobile-app\" kind=\"app\"/>\n";

inline std::vector<release::Release> releases() {
  const std::string one = xml(
      "1.0.0", std::string(kinds) + firmware("app", "1.0.0", "90000", '1', "") +
                   firmware("bootloader", "1.0.0", "20000", '2', "") + software("backend", "1.0.0", '3', "") +
                   software("mobile-app", "1.0.0", '4', "<requires component=\"app\" range=\"&lt;2.0.0\"/>"));
  const std::string two = xml(
      "2.0.0", std::string(kinds) +
                   firmware("app", "2.0.0", "120000", '5',
                            "<requires component=\"bootloader\" range=\"^1.1.0\" when=\"installed\"/>"
                            "<requires component=\"mobile-app\" range=\"&gt;=2.0.0\"/>") +
                   firmware("bootloader", "1.1.0", "24000", '6', "") + software("backend", "2.0.0", '7', "") +
                   software("mobile-app", "2.0.0", '8', "<requires component=\"backend\" range=\"^2.0.0\"/>"));
  std::vector<release::Release> out;
  for (const auto& [text, file] : {std::pair(one, "1.0.0.xml"), std::pair(two, "2.0.0.xml")}) {
    auto parsed = release::parse(text, file);
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().what));
    out.push_back(*std::move(parsed));
  }
  return out;
}

inline model::Report report() {
  const auto v = [](std::string_view text) { return *version::parse(text); };
  return {.device = {.name = "board-3", .board = "node-m3", .revision = "2",
                     .components = {{.component = "app", .version = v("1.0.0"), .security_counter = 1},
                                    {.component = "bootloader", .version = v("1.0.0")}}},
          .slots = {},
          .in_use = {{.component = "backend", .version = v("1.0.0")}, {.component = "mobile-app", .version = v("1.0.0")}}};
}

// From the report above to 2.0.0, with the finalise steps.
inline Document document() {
  const auto all = releases();
  auto catalogue = model::make_catalogue(all);
  REQUIRE_MESSAGE(catalogue, (catalogue ? "" : catalogue.error().what));
  REQUIRE(add_reported(*catalogue, report()));
  const auto problem = make_problem(*catalogue, report(), all[1]);
  REQUIRE_MESSAGE(problem, (problem ? "" : problem.error().what));
  const auto answer = plan::make_plan(*problem, {.limits = {}, .finalise_at_end = true});
  REQUIRE(answer);
  REQUIRE(answer->verdict == plan::Verdict::found);
  REQUIRE(check::check(*catalogue, answer->plan));
  return plan_file::document(*catalogue, answer->plan, {.device = "board-3", .target = "2.0.0", .releases = all});
}

}  // namespace lockstep::plan_file::sample
