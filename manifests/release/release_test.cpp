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

TEST_CASE("kinds, data epochs, one-way marks and when requirements hold are read") {
  const Release release = sample::parsed(sample::full());
  REQUIRE(release.components.size() == 4);
  CHECK(release.components[0].kind == Kind::single);
  CHECK(release.components[0].via.empty());
  CHECK(release.components[0].reboots == 1);
  CHECK(release.components[1].kind == Kind::ab_trial);
  const Component* radio = release.component("radio");
  REQUIRE(radio != nullptr);
  CHECK(radio->kind == Kind::single);
  CHECK(radio->via == "app");
  CHECK(radio->reboots == 0);
  CHECK(release.at(radio->line) == "release.xml:6");
  CHECK(release.components[3].kind == Kind::service);
  CHECK(release.component("mobile-app") == nullptr);

  CHECK(release.firmware_of("bootloader")->one_way);
  CHECK_FALSE(release.firmware_of("bootloader")->data);
  const Firmware* app = release.firmware_of("app");
  CHECK_FALSE(app->one_way);
  REQUIRE(app->data);
  CHECK(app->data->reads_lowest == 1);
  CHECK(app->data->reads_highest == 2);
  CHECK(app->data->writes == 2u);
  CHECK_FALSE(app->data->at_boot);
  CHECK(release.at(app->data->line) == "release.xml:16");
  REQUIRE(app->needs.size() == 3);
  CHECK(app->needs[0].when == When::active);
  CHECK(app->needs[1].when == When::installed);
  const Firmware* over = release.firmware_of("radio");
  REQUIRE(over->needs.size() == 2);  // on the same component, at two times
  CHECK(over->needs[1].component == "app");
  CHECK(over->needs[1].when == When::during_flash);
}

TEST_CASE("what may be left out of a component's and a firmware's data has its documented value") {
  const struct { const char* from; const char* to; } rows[] = {
      {"kind=\"ab-trial\"", "kind=\"ab-late\""},
      {" via=\"app\" reboots=\"0\"", ""},
      {"writes=\"2\" migrates=\"finalise\"", ""},
      {"migrates=\"finalise\"", "migrates=\"boot\""},
  };
  std::string text = sample::full();
  for (const auto& row : rows) {
    const Release release = sample::parsed(sample::changed(text, row.from, row.to));
    CAPTURE(std::string(row.to));
    CHECK(release.component("app")->kind == (row.from == rows[0].from ? Kind::ab_late : Kind::ab_trial));
    CHECK(release.component("radio")->via == (row.from == rows[1].from ? "" : "app"));
    CHECK(release.component("radio")->reboots == (row.from == rows[1].from ? 1 : 0));
    const Data& data = *release.firmware_of("app")->data;
    CHECK(data.writes.has_value() == (row.from != rows[2].from));
    CHECK(data.at_boot == (row.from == rows[3].from));
  }
}

TEST_CASE("a slip in what a manifest says about kinds, times and data is refused, too") {
  const struct { const char* from; const char* to; const char* message; } rows[] = {
      {"kind=\"ab-trial\"", "kind=\"ab\"", "release.xml:5: <component>: attribute \"kind\" is \"ab\": expected one of "},
      {"name=\"app\" kind=\"ab-trial\"", "name=\"app\"", "release.xml:5: <component>: attribute \"kind\" is missing"},
      {"name=\"app\" kind", "name=\"radio\" kind",
       "release.xml:6: <component>: name \"radio\" is there twice, first in line 5"},
      {"reboots=\"0\"", "reboots=\"-1\"", "release.xml:6: <component>: attribute \"reboots\" is \"-1\": expected "},
      {"when=\"during-flash\"", "when=\"during_flash\"",
       "release.xml:25: <requires>: attribute \"when\" is \"during_flash\": expected one of "},
      {" when=\"during-flash\"", "",
       "release.xml:25: <requires>: component \"app\" and when \"active\" is there twice, first in line 24"},
      {"reads-from=\"1\" ", "", "release.xml:16: <data>: attribute \"reads-from\" is missing"},
      {"writes=\"2\"", "writes=\"4294967296\"", "release.xml:16: <data>: attribute \"writes\" is \"4294967296\""},
      {"migrates=\"finalise\"", "migrates=\"later\"", "release.xml:16: <data>: attribute \"migrates\" is \"later\""},
      {"one-way=\"true\"", "one-way=\"yes\"", "release.xml:11: <firmware>: attribute \"one-way\" is \"yes\": expected "},
      {"    <from range=\"^1.0.0\"/>\n    <data", "    <data reads-from=\"1\" reads-to=\"1\"/>\n    <data",
       "release.xml:16: <data>: is there twice inside <firmware>, first in line 15"},
      {"  <hardware board=\"gw-1\"/>\n", "  <component name=\"fpga\" kind=\"single\"/>\n  <hardware board=\"gw-1\"/>\n",
       "release.xml:4: <hardware>: comes too late: inside <release> the order is "},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.to));
    const auto release = parse(sample::full_with(row.from, row.to), "release.xml");
    REQUIRE_FALSE(release);
    CAPTURE(release.error().what);
    CHECK(release.error().what.find(row.message) != std::string::npos);
  }
}

TEST_CASE("kinds and times have the names that manifests use") {
  for (const Kind kind : {Kind::ab_trial, Kind::ab_late, Kind::single, Kind::app, Kind::service}) {
    const std::string written = "kind=\"" + std::string(text(kind)) + "\"";
    CHECK(sample::parsed(sample::full_with("kind=\"ab-trial\"", written)).component("app")->kind == kind);
  }
  for (const When when : {When::installed, When::during_flash}) {
    const std::string written = "when=\"" + std::string(text(when)) + "\"";
    CHECK(sample::parsed(sample::full_with("when=\"installed\"", written)).firmware_of("app")->needs[1].when == when);
  }
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
       "release.xml:11: <requires>: component \"mobile-app\" and when \"active\" is there twice, first in line 10"},
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

  CHECK(xmllint.accepts(sample::full()));
  CHECK(xmllint.accepts(sample::example("gateway-1.0.0.xml")));
  CHECK_FALSE(xmllint.accepts(sample::full_with("kind=\"ab-trial\"", "kind=\"ab\"")));
  CHECK_FALSE(xmllint.accepts(sample::full_with("name=\"app\" kind", "name=\"radio\" kind")));
  CHECK_FALSE(xmllint.accepts(sample::full_with("when=\"during-flash\"", "when=\"during_flash\"")));
  CHECK_FALSE(xmllint.accepts(sample::full_with("when=\"during-flash\"", "when=\"active\"")));
  CHECK_FALSE(xmllint.accepts(sample::full_with(" when=\"during-flash\"", "")));
}

}  // namespace lockstep::release
