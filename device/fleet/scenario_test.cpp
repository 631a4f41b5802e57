#include "device/fleet/scenario.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "device/fleet/schema.hpp"
#include "host/base/files.hpp"
#include "manifests/xml/test_schema.hpp"

namespace lockstep::fleet {
namespace {

using namespace std::chrono_literals;

std::string text() {
  auto bytes = read_text_file(LOCKSTEP_SOURCE_DIR "/device/fleet/examples/field.xml");
  REQUIRE(bytes);
  return *bytes;
}

// The example with one place changed.
std::string with(std::string_view from, std::string_view to) {
  std::string out = text();
  const std::size_t at = out.find(from);
  REQUIRE_MESSAGE(at != out.npos, std::string(from));
  return out.replace(at, from.size(), to);
}

Scenario parsed(const std::string& bytes) {
  auto scenario = parse(bytes, "field.xml");
  REQUIRE_MESSAGE(scenario, (scenario ? "" : scenario.error().what));
  return *std::move(scenario);
}

std::string error(const std::string& bytes) {
  const auto scenario = parse(bytes, "field.xml");
  return scenario ? "accepted" : scenario.error().what;
}

const Device& named(const Scenario& scenario, std::string_view serial) {
  const auto found = std::find_if(scenario.devices.begin(), scenario.devices.end(),
                                  [&](const Device& d) { return d.serial == serial; });
  REQUIRE(found != scenario.devices.end());
  return *found;
}

template <class Test>
long how_many(const Scenario& scenario, Test test) {
  return std::count_if(scenario.devices.begin(), scenario.devices.end(), test);
}

bool has_software(const Device& d, std::string_view component, std::string_view version) {
  return std::find(d.software.begin(), d.software.end(), Software{std::string(component), std::string(version)}) !=
         d.software.end();
}

}  // namespace

TEST_CASE("the example comes out whole, in the order of the file") {
  const Scenario s = parsed(text());
  CHECK(s.seed == 7);
  CHECK(s.begins == 4 * day + 16h);
  REQUIRE(s.devices.size() == 100);
  CHECK(s.devices[0].serial == "OF-0001");
  CHECK(s.devices[59].serial == "OF-0060");
  CHECK(s.devices[60].serial == "BT-1");
  CHECK(s.devices[99].serial == "LAB-10-B");

  const Device& office = s.devices[0];
  CHECK(office.kind == Kind{.group = "office", .board = "node-m3", .revision = "2.0", .product = "thermostat",
                            .mode = Mode::swap, .slot_bytes = 512 << 10, .buffer_bytes = 2048, .boot_time = 50ms,
                            .watchdog = 2s,
                            .link = {.loss = 0.02, .duplicate = 0.01, .corrupt = 0.005, .delay = 20ms, .jitter = 10ms}});
  CHECK(office.contact == Schedule{.from = 7h, .to = 19h, .weekend_off = true});

  const Device& battery = s.devices[60];
  CHECK(battery.kind.mode == Mode::overwrite);
  CHECK(battery.kind.slot_bytes == 256 << 10);
  CHECK(battery.kind.buffer_bytes == 512);
  CHECK(battery.contact.every == 1h);
  CHECK(battery.contact.awake_for == 30s);

  const Device& laboratory = s.devices[90];
  CHECK(laboratory.kind.board == "node-m4");
  CHECK(laboratory.kind.product == "thermostat-pro");
  CHECK(laboratory.kind.watchdog == 500ms);
  CHECK(laboratory.contact == Schedule{});
  CHECK(laboratory.kind.link == LinkQuality{});
}

TEST_CASE("shares are met to the device") {
  const Scenario s = parsed(text());
  CHECK(how_many(s, [](const Device& d) { return d.kind.group == "office" && d.image == "thermostat-1.0.signed.bin"; }) == 42);
  CHECK(how_many(s, [](const Device& d) { return d.kind.group == "office" && d.image == "thermostat-1.1.signed.bin"; }) == 18);
  CHECK(how_many(s, [](const Device& d) { return has_software(d, "mobile-app", "5.3.0"); }) == 36);
  CHECK(how_many(s, [](const Device& d) { return has_software(d, "mobile-app", "5.2.0"); }) == 15);
  CHECK(how_many(s, [](const Device& d) { return has_software(d, "backend", "3.0.0"); }) == 60);
  CHECK(how_many(s, [](const Device& d) { return d.faults.unhealthy; }) == 3);
  for (const Device& d : s.devices) {
    CHECK(std::count_if(d.software.begin(), d.software.end(), [](const Software& w) { return w.component == "mobile-app"; }) <= 1);
  }
  // Thirds of ten devices, and the rest.
  const Scenario thirds = parsed(R"(<fleet xmlns="urn:lockstep:fleet:1" seed="1"><group name="a" count="10" serial="{n}">
      <image file="a" percent="33.3"/><image file="b" percent="33.3"/><image file="c" percent="33.4"/></group></fleet>)");
  CHECK(how_many(thirds, [](const Device& d) { return d.image.empty(); }) == 0);
}

TEST_CASE("the devices that a fault names have it, and no others") {
  const Scenario s = parsed(text());
  CHECK(named(s, "LAB-01-B").faults == Faults{.silent = true});
  CHECK(named(s, "LAB-02-B").faults == Faults{.no_reset_answer = true});
  CHECK(named(s, "LAB-03-B").faults == Faults{.no_reset_answer = true});
  CHECK(named(s, "LAB-04-B").faults == Faults{.drop_every = 5});
  CHECK(named(s, "LAB-05-B").faults == Faults{.cut_at = 120, .off = 2s});
  CHECK(named(s, "LAB-07-B").faults == Faults{.cut_at = 120, .off = 2s});
  CHECK(named(s, "LAB-08-B").faults == Faults{.cut_at = 80, .torn = true, .off = 1s});  // the last one counts
  for (const char* serial : {"LAB-06-B", "LAB-09-B", "LAB-10-B", "BT-1", "BT-30"}) {
    CHECK(named(s, serial).faults == Faults{});
  }
}

TEST_CASE("the same file gives the same fleet, device by device, and another seed another one") {
  const Scenario s = parsed(text());
  CHECK(s.devices == parsed(text()).devices);
  const Scenario other = parsed(with("seed=\"7\"", "seed=\"8\""));
  CHECK(s.devices != other.devices);
  CHECK(how_many(other, [](const Device& d) { return d.faults.unhealthy; }) == 3);
}

TEST_CASE("what is drawn stays the same in later versions of this program") {
  const Scenario s = parsed(text());
  std::string unhealthy;
  for (const Device& d : s.devices) unhealthy += d.faults.unhealthy ? d.serial + " " : "";
  CHECK(unhealthy == "OF-0037 OF-0039 OF-0048 ");
  CHECK(named(s, "BT-1").contact.phase == 2118465ms);
  CHECK(named(s, "BT-30").contact.phase == 1172872ms);
  Random luck = named(s, "OF-0001").luck;
  CHECK(luck.next() == 14952772664413957908u);
}

TEST_CASE("a new group changes nothing for the devices of the others") {
  const Scenario s = parsed(text());
  const Scenario more = parsed(with("<group name=\"office\"", R"(<group name="new" count="5" serial="N{n}"><image file="i"/></group>
      <group name="office")"));
  REQUIRE(more.devices.size() == 105);
  CHECK(std::equal(s.devices.begin(), s.devices.end(), more.devices.begin() + 5));
}

TEST_CASE("sleepers of one group do not wake all at once") {
  const Scenario s = parsed(text());
  std::vector<Milliseconds> phases;
  for (const Device& d : s.devices) {
    if (d.kind.group == "battery") phases.push_back(d.contact.phase);
  }
  std::sort(phases.begin(), phases.end());
  CHECK(std::unique(phases.begin(), phases.end()) == phases.end());
  CHECK(phases.back() - phases.front() > 30min);
}

TEST_CASE("what is wrong is said with file, line, element and what to do") {
  const struct { const char* from; const char* to; const char* message; } rows[] = {
      {"seed=\"7\" ", "", "field.xml:3: <fleet>: attribute \"seed\" is missing"},
      {"fri 16:00", "friday", "field.xml:3: <fleet>: attribute \"begins\" is \"friday\": expected a day and time such as mon 08:00"},
      {"count=\"60\"", "count=\"0\"", "field.xml:4: <group>: attribute \"count\" is \"0\": expected 1 to 20000 devices"},
      {"count=\"60\"", "count=\"19999\"", "field.xml:3: <fleet>: there are 20039 devices; at most 20000 fit one process"},
      {"count=\"60\"", "cuont=\"60\"", "field.xml:4: <group>: unknown attribute \"cuont\"; did you mean \"count\"?"},
      {"OF-{n:4}", "OF", "field.xml:4: <group>: attribute \"serial\" is \"OF\": it would be the same for all devices; put {n} where"},
      {"OF-{n:4}", "OF-{m}", "field.xml:4: <group>: attribute \"serial\" is \"OF-{m}\": expected text with {n} or, for 0001, {n:4}"},
      {"OF-{n:4}", "OF-{n}{n}", "expected text with {n} or"},
      {"OF-{n:4}", "OF}-{n}", "expected text with {n} or"},
      {"OF-{n:4}", "OF-{n:0}", "expected text with {n} or"},
      {"OF-{n:4}", "O F-{n}", "the last one would be O F-60: expected a name of letters, digits"},
      {"OF-{n:4}", "BT-{n}", "field.xml:14: <group>: serial BT-1 is there already, in group \"office\"; give this group another pattern"},
      {"name=\"battery\"", "name=\"office\"", "field.xml:14: <group>: name \"office\" is there twice, first in line 4"},
      {"mode=\"overwrite\"", "mode=\"overwite\"", "field.xml:14: <group>: attribute \"mode\" is \"overwite\": expected one of swap, "
       "overwrite, direct-xip, ram-load; did you mean \"overwrite\"?"},
      {"256 KiB", "255 KiB", "field.xml:14: <group>: attribute \"slot-size\" is \"255 KiB\": expected a multiple of 4 KiB from 16 KiB to 8 MiB"},
      {"buffer=\"512\"", "buffer=\"64\"", "field.xml:14: <group>: attribute \"buffer\" is \"64\": expected 96 to 65000 bytes"},
      {"boot-time=\"50 ms\"", "boot-time=\"1 h\"", "attribute \"boot-time\" is \"1 h\": expected a time from 0 to 600000 ms"},
      {"watchdog=\"500 ms\"", "watchdog=\"0 ms\"", "attribute \"watchdog\" is \"0 ms\": expected a time from 1 to 600000 ms"},
      {"percent=\"70\"", "percent=\"-70\"", "field.xml:5: <image>: attribute \"percent\" is \"-70\": expected a share from 0 to 100 per cent"},
      {"percent=\"70\"", "", "field.xml:6: <image>: only one image may be without percent, which takes the rest; give this one a share"},
      {"1.1.signed.bin\"/>", "1.1.signed.bin\" percent=\"20\"/>", "field.xml:4: <group>: its images add up to 90 per cent; leave out percent at "
       "one of them, and it takes the rest"},
      {"1.1.signed.bin\"/>", "1.1.signed.bin\" percent=\"40\"/>", "field.xml:6: <image>: attribute \"percent\" is \"40\": the images add up to more "
       "than 100 per cent"},
      {"file=\"thermostat-1.1", "file=\"../thermostat-1.1", "expected a relative path inside its folder"},
      {"percent=\"25\"", "percent=\"45\"", "field.xml:8: <software>: attribute \"percent\" is \"45\": the versions of mobile-app add up to more"},
      {"version=\"5.2.0\"", "version=\"5.2\"", "field.xml:8: <software>: attribute \"version\" is \"5.2\": expected a SemVer version"},
      {" for=\"30 s\"", "", "field.xml:16: <contact>: every and for belong together: every=\"1 h\" for=\"30 s\""},
      {"for=\"30 s\"", "for=\"61 min\"", "field.xml:16: <contact>: attribute \"for\" is \"61 min\": expected a time above 0 that is not longer than every"},
      {"every=\"1 h\"", "every=\"700 h\"", "field.xml:16: <contact>: attribute \"every\" is \"700 h\": expected a time from 1 to"},
      {"07:00-19:00", "7-19", "field.xml:10: <contact>: attribute \"hours\" is \"7-19\": expected two different times of the day such as 07:00-19:00"},
      {"weekend=\"off\"", "weekend=\"of\"", "expected one of on, off; did you mean \"on\"?"},
      {"loss-percent=\"2\"", "loss-percent=\"102\"", "field.xml:11: <link>: attribute \"loss-percent\" is \"102\": expected a share from 0 to 100"},
      {"delay=\"20 ms\"", "delay=\"2 min\"", "field.xml:11: <link>: attribute \"delay\" is \"2 min\": expected a time from 0 to 60000 ms"},
      {"jitter=\"10 ms\"", "jitter=\"10\"", "field.xml:11: <link>: attribute \"jitter\" is \"10\": expected"},
      {"kind=\"silent\"", "kind=\"silence\"", "field.xml:20: <fault>: attribute \"kind\" is \"silence\": expected one of silent, unhealthy, "
       "no-reset-answer, drop, cut-at, tear-at; did you mean \"silent\"?"},
      {"kind=\"drop\" n=\"5\"", "kind=\"drop\"", "field.xml:22: <fault>: drop wants n=\"N\": every N-th answer is lost"},
      {"kind=\"cut-at\" n=\"120\"", "kind=\"cut-at\"", "field.xml:23: <fault>: cut-at wants n=\"N\": the power fails at the N-th flash operation"},
      {"kind=\"silent\"", "kind=\"silent\" n=\"2\"", "field.xml:20: <fault>: attribute \"n\" is \"2\": silent has no number; leave n out"},
      {"kind=\"silent\"", "kind=\"silent\" off=\"2 s\"", "field.xml:20: <fault>: attribute \"off\" is \"2 s\": only cut-at and tear-at have it"},
      {"devices=\"1\"", "", "field.xml:20: <fault>: expected one of percent=\"5\" (which ones is drawn) and devices=\"3 17 20-25\""},
      {"devices=\"1\"", "devices=\"1\" percent=\"5\"", "expected one of percent"},
      {"devices=\"1\"", "devices=\"11\"", "field.xml:20: <fault>: attribute \"devices\" is \"11\": expected numbers from 1 to 10, each once"},
      {"devices=\"1\"", "devices=\"0\"", "expected numbers from 1 to 10"},
      {"devices=\"1\"", "devices=\"3-2\"", "expected numbers from 1 to 10"},
      {"devices=\"1\"", "devices=\"1-9 1-9\"", "expected numbers from 1 to 10, each once"},
      {"devices=\"1\"", "devices=\"one\"", "expected numbers from 1 to 10"},
      {"<contact every=\"1 h\" for=\"30 s\"/>", "<link/><contact every=\"1 h\" for=\"30 s\"/>", "comes too late"},
      {"<contact every", "<sleeps every", "field.xml:16: <sleeps>: unknown element <sleeps> inside <group>"},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.to));
    const std::string what = error(with(row.from, row.to));
    CAPTURE(what);
    CHECK(what.find(row.message) != std::string::npos);
  }
}

TEST_CASE("several problems are told at once") {
  std::string bytes = with("count=\"60\"", "count=\"0\"");
  bytes.replace(bytes.find("every=\"1 h\""), 11, "every=\"0 h\"");
  const std::string what = error(bytes);
  CHECK(what.find("field.xml:4: ") != std::string::npos);
  CHECK(what.find("field.xml:16: ") != std::string::npos);
}

TEST_CASE("no beginning of the example but the whole is a scenario") {
  const std::string whole = text();
  const std::size_t end = whole.rfind('>') + 1;
  for (std::size_t n = 0; n < end; ++n) {
    CAPTURE(n);
    const std::string cut(whole.data(), n);  // a buffer of exactly this size
    CHECK_FALSE(parse(cut, "field.xml"));
  }
}

TEST_CASE("a line of the list is what lockstep device add takes") {
  const Scenario s = parsed(text());
  const auto with_backend_only = std::find_if(s.devices.begin(), s.devices.end(), [](const Device& d) { return d.software.size() == 1; });
  CHECK(list_line(*with_backend_only, "smp+udp://127.0.0.1:20001") ==
        with_backend_only->serial + " --link smp+udp://127.0.0.1:20001 --serial " + with_backend_only->serial +
            " --board node-m3 --revision 2.0 --software backend=3.0.0");
}

TEST_CASE("the values that stand in for missing attributes are valid themselves") { xml::testing::check_fallbacks(schema()); }

TEST_CASE("xmllint finds the example valid by the exported schema, and broken ones not") {
  const xml::testing::Xmllint xmllint(schema());
  CHECK(xmllint.accepts(text()));
  CHECK_FALSE(xmllint.accepts(with("kind=\"silent\"", "kind=\"silence\"")));
  CHECK_FALSE(xmllint.accepts(with("seed=\"7\" ", "")));
  CHECK_FALSE(xmllint.accepts(with("name=\"battery\"", "name=\"office\"")));
}

}  // namespace lockstep::fleet
