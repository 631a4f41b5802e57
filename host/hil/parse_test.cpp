// Rig and suite files: what is refused, and with which words.
#include <doctest/doctest.h>

#include "host/hil/fake_rig.hpp"
#include "host/hil/schema.hpp"
#include "host/hil/step.hpp"

using namespace lockstep;
using namespace lockstep::hil;

namespace {

std::string suite_error(std::string_view body) {
  const std::string xml = "<suite xmlns=\"urn:lockstep:suite:1\" name=\"s\" version=\"1\">\n" + std::string(body) + "</suite>";
  const auto suite = parse_suite(xml, "s.xml");
  return suite ? "accepted" : suite.error().what;
}

std::string rig_error(std::string_view from, std::string_view to) {
  std::string xml(fake::rig_xml);
  const std::size_t at = xml.find(from);
  REQUIRE(at != std::string::npos);
  xml.replace(at, from.size(), to);
  const auto rig = parse_rig(xml, "r.xml");
  return rig ? "accepted" : rig.error().what;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

TEST_CASE("the suite table is well formed: every step and child is in it") {
  CHECK(xml::well_formed(suite_schema()));
  CHECK(xml::well_formed(rig_schema()));
  for (const StepKind* kind : step_kinds()) {
    CAPTURE(kind->name());
    CHECK(find_step_kind(kind->name()) == kind);
    const bool complete = kind->run != nullptr && kind->about != nullptr;
    CHECK(complete);
    CHECK_FALSE(kind->elements.front().doc.empty());
  }
}

TEST_CASE("a rig is read into values, and named by the digest of its text") {
  const auto rig = parse_rig(fake::rig_xml, "rig.xml");
  REQUIRE_MESSAGE(rig, rig.error().what);
  CHECK(rig->id == "bench-1");
  CHECK(rig->tags == std::vector<std::string>{"emulated", "cortex-m3"});
  CHECK(rig->dut.serial == "SN-1");
  CHECK(rig->dut.powers.at(0).command == std::vector<std::string>{"board", "--flash", "${run.dir}/flash.img"});
  CHECK(rig->dut.consoles.at(0).open_within == std::chrono::milliseconds(50));
  CHECK(rig->dut.flashes.at(0).offset_bytes == 65536);
  CHECK(rig->dut.flashes[0].erase_bytes == 512 * 1024);
  CHECK(rig->dut.smps.at(0).console == "log");
  CHECK(rig->sha256.size() == 64);
}

TEST_CASE("a rig that cannot be right is refused with file and line") {
  CHECK(contains(rig_error("driver=\"process\"", "driver=\"relay\""), "r.xml:5"));
  CHECK(contains(rig_error("serial=\"SN-1\"", "serail=\"SN-1\""), "did you mean \"serial\"?"));
  CHECK(contains(rig_error("area=\"512 KiB\"", "area=\"2 MiB\""), "r.xml:7: <flash>: what is erased reaches past the end"));
  CHECK(contains(rig_error("area=\"512 KiB\"", "area=\"512 KiB\" erase-size=\"4 KiB\""), "not within what is erased"));
  CHECK(contains(rig_error("console=\"log\"", "console=\"lgo\""), "there is no console \"lgo\""));
  CHECK(contains(rig_error("console=\"log\"", ""), "expected either uri"));
  CHECK(contains(rig_error("command=\"board", "command=\"'board"), "a quote has no end"));
}

TEST_CASE("a suite is checked completely before anything runs") {
  struct Case {
    std::string_view body, error;
  };
  const Case cases[] = {
      {R"X(<test id="t"><flush artifact="x"/></test>)X", "did you mean"},
      {R"X(<test id="t"/>)X", "s.xml:2: <test>: a test without steps proves nothing"},
      {R"X(<test id="t"><expect regexp="x"/></test>)X", "did you mean \"regex\"?"},
      {R"X(<test id="t"><expect regex="("/></test>)X", "<expect>: pattern \"(\": missing )"},
      {R"X(<test id="t"><expect regex="x" literal="x"/></test>)X", "expected exactly one of"},
      {R"X(<test id="t"><expect/></test>)X", "expected exactly one of"},
      {R"X(<test id="t"><expect literal="x" within="5"/></test>)X", "within: duration \"5\" has no unit"},
      {R"X(<test id="t"><log text="${version}"/><expect regex="(?P&lt;version&gt;x)"/></test>)X", "${version} is no parameter, fact or capture of an earlier step"},
      {R"X(<test id="t"><expect regex="${version}(?P&lt;version&gt;x)"/></test>)X", "${version} is no parameter"},
      {R"X(<test id="t"><log text="${rig.ip}"/></test>)X", "did you mean \"rig.id\"?"},
      {R"X(<test id="a"><expect regex="(?P&lt;v&gt;x)"/></test><test id="b"><log text="${v}"/></test>)X", "${v} is no parameter"},
      {R"X(<test id="b" needs="a"><log text="x"/></test><test id="a"><log text="x"/></test>)X", "needs \"a\", which is no earlier test"},
      {R"X(<test id="a"><log text="x"/></test><test id="a"><log text="x"/></test>)X", "a"},
      {R"X(<test id="t" attempts="11"><log text="x"/></test>)X", "attempts must be 1 to 10"},
      {R"X(<test id="t"><measure name="m" from="power.on" to="bootd" unit="ms"/><expect literal="x" mark="booted"/></test>)X", "no earlier step has mark=\"bootd\""},
      {R"X(<test id="t"><measure name="m" value="1"/><measure name="m" value="2"/></test>)X", "measured twice"},
      {R"X(<test id="t"><measure name="m" unit="mA" from="power.on" to="test.start"/></test>)X", "unit: \"mA\" is a current, \"s\" a time"},
      {R"X(<test id="t"><measure name="m"/></test>)X", "expected either from"},
      {R"X(<setup><measure name="m" value="1"/></setup><test id="t"><log text="x"/></test>)X", "belongs into a test"},
      {R"X(<test id="t"><request group="imgae" command="state"/></test>)X", "unknown group \"imgae\""},
      {R"X(<test id="t"><request group="image" command="list"/></test>)X", "expected state, erase, slots, or a number"},
      {R"X(<test id="t"><request group="os" command="echo"><send name="d"/></request></test>)X", "exactly one of text, number"},
      {R"X(<test id="t"><request group="os" command="info"><assert path="x" eq="1"/></request></test>)X", "must begin with"},
      {R"X(<test id="t"><request group="os" command="info"><assert path="/x"/></request></test>)X", "expected one of eq, ne"},
      {R"X(<params><param name="p" type="artifact"/></params><test id="t"><log text="x"/></test>)X", "an artifact needs role"},
      {R"X(<params><param name="p" type="duration" value="3"/></params><test id="t"><log text="x"/></test>)X", "has no unit"},
      {R"X(<params><param name="p" type="text" role="candidate"/></params><test id="t"><log text="x"/></test>)X", "only artifacts have a role"},
      {R"X(<params><param name="rig.id" type="text"/></params><test id="t"><log text="x"/></test>)X", "is the name of a fact"},
  };
  for (const Case& c : cases) {
    const std::string error = suite_error(c.body);
    CAPTURE(c.body);
    CHECK(error != "accepted");
    CHECK_MESSAGE(contains(error, c.error), error);
    CHECK_MESSAGE(contains(error, "s.xml:2"), error);
  }
}

TEST_CASE("captures reach later steps, needed tests and teardown") {
  CHECK(suite_error(R"X(<setup><expect regex="(?P&lt;b&gt;x)"/></setup>
    <test id="a"><expect regex="(?P&lt;v&gt;x)"><assert value="${v}" eq="${b}"/></expect><log text="${v}"/></test>
    <test id="c" needs="a"><request group="os" command="info"><capture name="os" path="/output"/></request></test>
    <test id="d" needs="c"><log text="${v} ${os} ${dut.serial} ${release.version}"/></test>
    <teardown><log text="${v} ${os}"/></teardown>)X") == "accepted");
}

TEST_CASE("a pattern may stand in an element, so that nothing needs escapes") {
  CHECK(suite_error(R"X(<test id="t"><expect><regex><![CDATA[APP (?P<v>[0-9.]+) & more]]></regex></expect><log text="${v}"/></test>)X") == "accepted");
}
