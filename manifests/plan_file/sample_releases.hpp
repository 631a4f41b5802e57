// The releases of the product that tests and the fuzz entry plan for: a bootloader written in place, an app on trial that
// moves its data when it is finalised, a service and a mobile app.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifests/release/release.hpp"

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
    if (!parsed) std::abort();
    out.push_back(*std::move(parsed));
  }
  return out;
}

}  // namespace lockstep::plan_file::sample
