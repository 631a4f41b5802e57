#include "manifests/release/release.hpp"

#include <doctest/doctest.h>

#include "manifests/release/sample.hpp"
#include "manifests/release/schema.hpp"
#include "manifests/xml/test_schema.hpp"

namespace lockstep::release {

TEST_CASE("the example release comes out whole, with the lines of its parts") {
  const std::string text = sample::text();
  const Release release = sample::parsed(text);
  CHECK(release.name() == "thermostat 2.0.0");
  CHECK(release.title == "Weekly schedules");
  CHECK(release.sha256 == Sha256::of(text));
  REQUIRE(release.hardware.size() == 1);
  CHECK(release.hardware[0].board == "node-m3");
  CHECK(release.hardware[0].revisions.text() == ">=1 <4");

  REQUIRE(release.firmware.size() == 1);
  const Firmware& app = release.firmware[0];
  CHECK(app.component == "app");
  CHECK(app.version.text() == "2.0.0");
  CHECK(app.file == "thermostat-2.0.signed.bin");
  CHECK(app.size == 65536);
  CHECK(app.image_hash.hex() == "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  CHECK(app.security_counter == 2);
  REQUIRE(app.from);
  CHECK(app.from->range.text() == ">=1.0.0 <2.0.0");
  CHECK(release.at(app.from->line) == "release.xml:9");
  REQUIRE(app.needs.size() == 2);
  CHECK(app.needs[0].component == "mobile-app");
  CHECK(app.needs[0].line == 10);

  REQUIRE(release.software.size() == 2);
  CHECK(release.software[0].platform == "android");
  CHECK(release.software[1].version.text() == "5.2.1");
  CHECK(release.software[1].file.empty());
  CHECK(release.firmware_of("app") == &release.firmware[0]);
  CHECK(release.firmware_of("radio") == nullptr);
  CHECK(release.has_software("mobile-app"));
}

TEST_CASE("a slip in a manifest is refused with file, line, element and what was expected") {
  const struct { const char* from; const char* to; const char* message; } rows[] = {
      {"version=\"2.0.0\" title", "version=\"2.0\" title",
       "release.xml:2: <release>: attribute \"version\" is \"2.0\": expected a SemVer version such as 1.4.2"},
      {"<requires component=\"mobile-app\" range=\"^5.2.0\"/>", "<require/>", "release.xml:10: <require>: unknown "
       "element <require> inside <firmware>; did you mean \"requires\"?"},
      {"security-counter", "security_counter", "release.xml:8: <firmware>: unknown attribute \"security_counter\"; "
       "did you mean \"security-counter\"?"},
      {"size=\"65536\"", "", "release.xml:5: <firmware>: attribute \"size\" is missing: expected bytes"},
      {"3b1f8a9c", "3B1F8A9C", "expected 64 lower-case hexadecimal digits"},
      {"thermostat-2.0.signed.bin", "../thermostat.bin", "expected a relative path inside its folder"},
      {"<hardware board=\"node-m3\" revisions=\"&gt;=1 &lt;4\"/>", "",
       "release.xml:2: <release>: element <hardware> is missing inside it"},
      {"component=\"bootloader\"", "component=\"mobile-app\"",
       "release.xml:11: <requires>: component \"mobile-app\" is there twice, first in line 10"},
      {"platform=\"ios\" version=\"5.2.1\"", "platform=\"android\" version=\"5.3.0\"",
       "release.xml:18: <software>: component \"mobile-app\" and platform \"android\" and version \"5.3.0\" is there "
       "twice, first in line 14"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.to));
    const auto release = parse(sample::with(row.from, row.to), "release.xml");
    REQUIRE_FALSE(release);
    CHECK(release.error().kind == ErrorKind::invalid);
    CAPTURE(release.error().what);
    CHECK(release.error().what.find(row.message) != std::string::npos);
  }
}

TEST_CASE("the values that stand in for missing attributes are valid themselves") { xml::testing::check_fallbacks(schema()); }

TEST_CASE("xmllint finds the example valid by the exported schema, and broken ones not") {
  const xml::testing::Xmllint xmllint(schema());
  CHECK(xmllint.accepts(sample::text()));
  CHECK_FALSE(xmllint.accepts(sample::with("version=\"2.0.0\" title", "version=\"2.0\" title")));
  CHECK_FALSE(xmllint.accepts(sample::with("security-counter", "security_counter")));
  CHECK_FALSE(xmllint.accepts(sample::with("component=\"bootloader\"", "component=\"mobile-app\"")));
  CHECK_FALSE(xmllint.accepts(sample::with("3b1f8a9c", "3B1F8A9C")));
}

}  // namespace lockstep::release
