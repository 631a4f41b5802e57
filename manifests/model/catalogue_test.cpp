#include "manifests/model/catalogue.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "manifests/release/sample.hpp"

namespace lockstep::model {
namespace {

using release::Release;
namespace sample = release::sample;

version::Version v(std::string_view text) { return *version::parse(text); }
version::Range range(std::string_view text) { return *version::Range::parse(text); }

Release example(const std::string& file) {
  auto release = release::parse(sample::example(file), file);
  REQUIRE_MESSAGE(release, (release ? "" : release.error().what));
  return *std::move(release);
}

std::vector<Release> gateways() { return {example("gateway-1.0.0.xml"), example("gateway-2.0.0.xml")}; }

Catalogue made(const std::vector<Release>& releases) {
  auto catalogue = make_catalogue(releases);
  REQUIRE_MESSAGE(catalogue, (catalogue ? "" : catalogue.error().what));
  return *std::move(catalogue);
}

std::string refused(const std::vector<Release>& releases) {
  const auto catalogue = make_catalogue(releases);
  REQUIRE_FALSE(catalogue);
  CHECK(catalogue.error().kind == ErrorKind::invalid);
  return catalogue.error().what;
}

std::string line_of(const Catalogue& c, const Need& need) {
  return fmt::format("{} {} {} {}", c.components[static_cast<std::size_t>(need.component)].label(), need.range.text(),
                     text(need.when), need.at.text());
}

std::vector<std::string> needs(const Catalogue& c, std::string_view label, std::string_view version) {
  const Index i = c.find(label);
  REQUIRE(i != none);
  const Index n = c.components[static_cast<std::size_t>(i)].find(v(version));
  REQUIRE(n != none);
  std::vector<std::string> out;
  for (const Need& need : c.record(i, n).needs) out.push_back(line_of(c, need));
  return out;
}

std::vector<std::string> labels(const Catalogue& c) {
  std::vector<std::string> out;
  for (const Component& component : c.components) {
    out.push_back(component.label());
    for (const Record& r : component.versions) out.back() += (r.bare ? " (" : " ") + r.version.text() + (r.bare ? ")" : "");
  }
  return out;
}

using Lines = std::vector<std::string>;

// A release of few words for the contradictions.
Release small(std::string_view version, std::string file) {
  Release r{.product = "gateway", .version = v(version), .file = std::move(file), .sha256 = Sha256::of(version)};
  r.hardware = {{.board = "b"}};
  r.line = 1;
  return r;
}
release::Firmware firmware(std::string component, std::string_view version, int line) {
  return {.component = std::move(component), .version = v(version), .image_hash = Sha256::of(version), .line = line};
}
release::Software software(std::string component, std::string platform, std::string_view version, int line) {
  return {.component = std::move(component), .platform = std::move(platform), .version = v(version),
          .sha256 = Sha256::of(version), .line = line};
}

const Sighting here{.board = "gw-1", .revision = v("2.0.0"), .counter = 3};

}  // namespace

TEST_CASE("the example releases make the catalogue that one would write by hand") {
  const Catalogue c = made(gateways());
  CHECK(c.product == "gateway");
  CHECK(labels(c) == Lines{"app 1.0.0 2.0.0", "backend 1.0.0 1.1.0", "bootloader 1.0.0 1.1.0",
                           "mobile-app@android 4.0.0 4.1.0", "mobile-app@ios 4.0.0 4.1.0", "radio 1.0.0 2.0.0"});
  const Component& radio = c.components[5];
  CHECK(radio.kind == Kind::single);
  CHECK(radio.via == c.find("app"));
  CHECK(radio.reboots == 0);
  CHECK(radio.at.text() == "gateway-1.0.0.xml:6");
  CHECK(c.components[0].kind == Kind::ab_trial);
  CHECK(c.components[1].kind == Kind::service);
  CHECK(c.components[3].kind == Kind::app);
  CHECK_FALSE(c.components[3].declared);

  const Record& app = c.record(c.find("app"), 1);
  CHECK(app.security_counter == 2);
  CHECK(app.bytes == 147456);
  CHECK(app.at.text() == "gateway-2.0.0.xml:12");
  REQUIRE(app.from);
  CHECK(app.from->range.text() == "^1.0.0");
  CHECK(app.from_at.text() == "gateway-2.0.0.xml:15");
  CHECK(app.data.writes == 2u);
  CHECK(app.hardware.size() == 1);
  CHECK(app.image_hash->hex().substr(0, 8) == "ccabb272");
  CHECK(c.record(c.find("bootloader"), 1).one_way);
  CHECK(needs(c, "app", "2.0.0") ==
        Lines{"radio >=1.0.0 <3.0.0 active gateway-2.0.0.xml:17", "bootloader >=1.1.0 installed gateway-2.0.0.xml:18",
              "mobile-app@android >=4.1.0 active gateway-2.0.0.xml:19", "mobile-app@ios >=4.1.0 active gateway-2.0.0.xml:19"});
  CHECK(needs(c, "radio", "2.0.0") ==
        Lines{"app >=2.0.0 active gateway-2.0.0.xml:24", "app >=1.0.0 during-flash gateway-2.0.0.xml:25"});
  CHECK(needs(c, "mobile-app@ios", "4.0.0") == Lines{"app ^1.0.0 active gateway-1.0.0.xml:30"});
  CHECK(app.silent_on == Lines{"backend"});
  CHECK(c.record(c.find("app"), 0).silent_on == Lines{"backend", "mobile-app"});
}

TEST_CASE("the order in which releases are given does not matter") {
  auto releases = gateways();
  std::swap(releases[0], releases[1]);
  const Catalogue c = made(releases);
  CHECK(labels(c) == labels(made(gateways())));
  CHECK(needs(c, "app", "2.0.0").size() == 4);
  CHECK(made({}).components.empty());
  releases.push_back(releases[0]);  // the same file twice
  CHECK(labels(made(releases)) == labels(c));
}

TEST_CASE("of a version that several releases bring, the newest says requirements, from and one-way") {
  auto releases = gateways();
  Release later = example("gateway-1.0.0.xml");
  later.version = v("3.0.0");
  later.file = "later.xml";
  later.hardware[0].board = "gw-2";
  auto& app = later.firmware[1];
  app.one_way = true;
  app.from = release::From{.range = range("^0.9.0"), .line = 77};
  app.needs = {{.component = "backend", .range = range("^1.0.0"), .line = 78}};
  releases.insert(releases.begin(), later);
  const Catalogue c = made(releases);
  const Record& r = c.record(c.find("app"), 0);
  REQUIRE(r.hardware.size() == 2);  // it says nothing about other boards
  CHECK(r.hardware[0].board == "gw-1");
  CHECK(r.hardware[1].board == "gw-2");
  CHECK(r.one_way);
  CHECK(r.from_at.text() == "later.xml:77");
  CHECK(needs(c, "app", "1.0.0") == Lines{"backend ^1.0.0 active later.xml:78"});
  CHECK(r.silent_on == Lines{"mobile-app"});
  CHECK(r.at.text() == "gateway-1.0.0.xml:12");  // where it came first
}

TEST_CASE("the newest release that names a board says which of its revisions fit") {
  auto releases = gateways();
  Release later = example("gateway-1.0.0.xml");
  later.version = v("3.0.0");
  later.hardware = {{.board = "gw-1", .revisions = range(">=7.0.0")}};
  releases.push_back(later);
  const Catalogue c = made(releases);
  const Record& r = c.record(c.find("app"), 0);
  REQUIRE(r.hardware.size() == 1);
  CHECK(r.hardware[0].revisions.contains(v("7.0.0")));
  CHECK_FALSE(r.hardware[0].revisions.contains(v("6.0.0")));
}

TEST_CASE("what only one platform or nobody describes is still there to be required") {
  Release r = small("1.0.0", "r.xml");
  r.firmware = {firmware("app", "1.0.0", 4)};
  r.firmware[0].needs = {{.component = "bootloader", .range = range(">=1.1.0"), .line = 5}};
  r.components = {{.name = "fpga", .kind = Kind::single, .line = 3}, {.name = "cloud", .kind = Kind::service, .line = 2}};
  const Catalogue c = made({r});
  CHECK(labels(c) == Lines{"app 1.0.0", "bootloader", "cloud", "fpga"});
  CHECK(needs(c, "app", "1.0.0") == Lines{"bootloader >=1.1.0 active r.xml:5"});
  CHECK(c.components[1].kind == Kind::ab_trial);
  CHECK_FALSE(c.components[1].declared);
  CHECK(c.components[1].at.text() == "r.xml:5");
  CHECK(c.components[2].kind == Kind::service);
  CHECK(c.components[3].kind == Kind::single);
}

TEST_CASE("software requires while it is used, whatever an unlinted manifest says") {
  Release r = small("1.0.0", "r.xml");
  r.firmware = {firmware("app", "1.0.0", 4)};
  r.software = {software("phone", "", "1.0.0", 5)};
  r.software[0].needs = {{.component = "app", .range = range("*"), .when = When::during_flash, .line = 6}};
  CHECK(needs(made({r}), "phone", "1.0.0") == Lines{"app * active r.xml:6"});
}

TEST_CASE("each contradiction between releases is said with both places") {
  Release a = small("1.0.0", "a.xml");
  a.components = {{.name = "radio", .kind = Kind::single, .via = "app", .line = 2}};
  a.firmware = {firmware("app", "1.0.0", 3), firmware("radio", "1.0.0", 4)};
  a.software = {software("phone", "ios", "1.0.0", 5)};
  Release b = a;
  b.version = v("2.0.0");
  b.sha256 = Sha256::of("b");
  b.file = "b.xml";
  for (auto& f : b.firmware) f.line += 10;
  b.software[0].line += 10;
  b.components[0].line += 10;
  b.line = 1;
  CHECK(make_catalogue(std::vector{a, b}));

  struct Row {
    void (*change)(Release&);
    std::string message;
  };
  const Row rows[] = {
      {[](Release& r) { r.product = "kettle"; }, "b.xml:1 is for kettle, but a.xml:1 is for gateway"},
      {[](Release& r) { r.version = {.major = 1}; },
       "b.xml:1 is gateway 1.0.0, and a.xml:1 is too, with another content"},
      {[](Release& r) { r.components[0].kind = Kind::ab_late; },
       "radio is single through app, reboots=1 (a.xml:2), but ab-late through app, reboots=1 (b.xml:12)"},
      {[](Release& r) { r.components[0].via = ""; },
       "radio is single through app, reboots=1 (a.xml:2), but single, reboots=1 (b.xml:12)"},
      {[](Release& r) { r.components[0].reboots = 0; },
       "radio is single through app, reboots=1 (a.xml:2), but single through app, reboots=0 (b.xml:12)"},
      {[](Release& r) { r.software.push_back(software("app", "", "7.0.0", 30)); },
       "app is firmware (a.xml:3), but software (b.xml:30)"},
      {[](Release& r) { r.firmware.push_back(firmware("phone", "7.0.0", 30)); },
       "phone is software (a.xml:5), but firmware (b.xml:30)"},
      {[](Release& r) { r.components.push_back({.name = "app", .kind = Kind::service, .line = 30}); },
       "app is firmware (a.xml:3), but of kind service (b.xml:30)\n"
       "radio is written through app (a.xml:2), which is service (b.xml:30)"},
      {[](Release& r) { r.components.push_back({.name = "phone", .kind = Kind::ab_late, .line = 30}); },
       "phone is software (a.xml:5), but of kind ab-late (b.xml:30)"},
      {[](Release& r) { r.firmware[0].image_hash = Sha256::of("other"); },
       "app 1.0.0 differs in image hash between a.xml:3 and b.xml:13"},
      {[](Release& r) { r.firmware[0].security_counter = 9; },
       "app 1.0.0 differs in security counter between a.xml:3 and b.xml:13"},
      {[](Release& r) { r.firmware[0].data = release::Data{.reads_lowest = 1}; },
       "app 1.0.0 differs in epochs between a.xml:3 and b.xml:13"},
      {[](Release& r) { r.software[0].sha256 = Sha256::of("other"); },
       "phone@ios 1.0.0 differs in SHA-256 between a.xml:5 and b.xml:15"},
      {[](Release& r) { r.firmware[0].needs = {{.component = "app", .line = 30}}; }, "app 1.0.0 requires itself (b.xml:30)"},
      {[](Release& r) { r.software[0].needs = {{.component = "phone", .line = 30}}; },
       "phone@ios 1.0.0 requires itself (b.xml:30)"},
      {[](Release& r) { r.components.push_back({.name = "fpga", .kind = Kind::single, .via = "dsp", .line = 30}); },
       "fpga is written through dsp (b.xml:30), which no release brings or declares"},
      {[](Release& r) {
         r.components.push_back({.name = "fpga", .kind = Kind::single, .via = "dsp", .line = 30});
         r.firmware[0].needs = {{.component = "dsp", .line = 31}};
       },
       "fpga is written through dsp (b.xml:30), which no release brings or declares"},
      {[](Release& r) { r.components.push_back({.name = "fpga", .kind = Kind::single, .via = "phone", .line = 30}); },
       "fpga is written through phone (b.xml:30), which is app (a.xml:5)"},
      {[](Release& r) { r.components.push_back({.name = "phone", .kind = Kind::app, .via = "app", .line = 30}); },
       "phone is of kind app and yet written through app (b.xml:30)"},
      {[](Release& r) { r.components.push_back({.name = "app", .kind = Kind::single, .via = "radio", .line = 30}); },
       "app (b.xml:30) through radio (a.xml:2) through app is a circle: none of them could be written"},
      {[](Release& r) { r.components.push_back({.name = "fpga", .kind = Kind::single, .via = "fpga", .line = 30}); },
       "fpga (b.xml:30) through fpga is a circle: none of them could be written"},
      {[](Release& r) {
         for (int i = 0; i < 14; ++i) r.firmware.push_back(firmware("c" + std::to_string(i), "1.0.0", 40 + i));
       },
       "there are 17 components, more than 16"},
  };
  for (const Row& row : rows) {
    Release changed = b;
    row.change(changed);
    CAPTURE(row.message);
    CHECK(refused({a, changed}) == row.message);
    CHECK_FALSE(make_catalogue(std::vector{changed, a}));
  }
  b.firmware[0].security_counter = 9;
  b.software[0].sha256 = Sha256::of("other");
  CHECK(refused({a, b}) ==
        "app 1.0.0 differs in security counter between a.xml:3 and b.xml:13\n"
        "phone@ios 1.0.0 differs in SHA-256 between a.xml:5 and b.xml:15");
}

TEST_CASE("more versions than a planner can count are refused") {
  std::vector<Release> releases;
  for (int i = 0; i < 256; ++i) {
    releases.push_back(small("1.0." + std::to_string(i), "r.xml"));
    releases.back().firmware = {firmware("app", "1.0." + std::to_string(i), 3)};
  }
  Catalogue c = made(releases);
  CHECK(c.components[0].versions.size() == 256);
  CHECK(add_installed(c, "app", v("1.0.7"), here));
  CHECK(add_installed(c, "app", v("0.9.0"), here).error().kind == ErrorKind::invalid);
  releases.push_back(small("2.0.0", "r.xml"));
  releases.back().firmware = {firmware("app", "2.0.0", 3)};
  CHECK(refused(releases) == "app has 257 versions, more than 256");
}

TEST_CASE("what a device has is added bare, and everything keeps pointing at the same things") {
  Catalogue c = made(gateways());
  const Lines before = needs(c, "radio", "2.0.0");
  REQUIRE(add_installed(c, "app", v("1.5.0"), here));
  REQUIRE(add_installed(c, "app", v("1.5.0"), here));  // once more changes nothing
  REQUIRE(add_installed(c, "app", v("2.0.0"), here));
  REQUIRE(add_installed(c, "aaa", v("0.1.0"), here));
  CHECK(labels(c) == Lines{"aaa (0.1.0)", "app 1.0.0 (1.5.0) 2.0.0", "backend 1.0.0 1.1.0", "bootloader 1.0.0 1.1.0",
                           "mobile-app@android 4.0.0 4.1.0", "mobile-app@ios 4.0.0 4.1.0", "radio 1.0.0 2.0.0"});
  CHECK(needs(c, "radio", "2.0.0") == before);
  CHECK(c.components[6].via == c.find("app"));
  const Record& bare = c.record(c.find("app"), 1);
  CHECK(bare.needs.empty());
  REQUIRE(bare.hardware.size() == 1);
  CHECK(bare.hardware[0].board == "gw-1");
  CHECK(bare.hardware[0].revisions.contains(v("2.0.0")));
  CHECK_FALSE(bare.hardware[0].revisions.contains(v("2.1.0")));
  CHECK(bare.security_counter == 3);
  CHECK(c.record(c.find("app"), 2).security_counter == 2);  // described: we know better
  REQUIRE(add_installed(c, "app", v("1.5.0"), {.board = "gw-1", .revision = v("3.0.0-rc.1"), .counter = 1}));
  CHECK(bare.hardware.size() == 2);
  CHECK(bare.hardware[1].revisions.contains(v("3.0.0-rc.1")));
  CHECK(bare.security_counter == 3);
  CHECK_FALSE(bare.image_hash);
  CHECK(c.components[0].kind == Kind::ab_trial);
  CHECK(add_installed(c, "mobile-app", v("1.0.0"), here).error().what ==
        "a device reports mobile-app 1.0.0, but mobile-app is software");
  CHECK(add_in_use(c, "app", "", v("1.0.0")).error().kind == ErrorKind::conflict);
}

TEST_CASE("a version in use that nobody describes is not lost, and what is required of its siblings is required of it") {
  Catalogue c = made(gateways());
  REQUIRE(add_in_use(c, "mobile-app", "web", v("4.0.5")));
  CHECK(c.components[static_cast<std::size_t>(c.find("mobile-app@web"))].kind == Kind::app);
  CHECK(needs(c, "app", "2.0.0").back() == "mobile-app@web >=4.1.0 active gateway-2.0.0.xml:19");
  CHECK(needs(c, "app", "2.0.0").size() == 5);
  REQUIRE(add_in_use(c, "mobile-app", "ios", v("4.0.5")));
  REQUIRE(add_in_use(c, "backend", "eu", v("1.0.0")));  // described for any platform
  REQUIRE(add_in_use(c, "desktop", "", v("3.0.0")));
  CHECK(labels(c) == Lines{"app 1.0.0 2.0.0", "backend 1.0.0 1.1.0", "bootloader 1.0.0 1.1.0", "desktop (3.0.0)",
                           "mobile-app@android 4.0.0 4.1.0", "mobile-app@ios 4.0.0 (4.0.5) 4.1.0",
                           "mobile-app@web (4.0.5)", "radio 1.0.0 2.0.0"});
  // On no named platform: where that version is, or everywhere.
  CHECK(software_components(c, "mobile-app", "", v("4.0.5")) == std::vector<Index>{5, 6});
  REQUIRE(add_in_use(c, "mobile-app", "", v("9.0.0")));
  CHECK(labels(c)[4] == "mobile-app@android 4.0.0 4.1.0 (9.0.0)");
  CHECK(labels(c)[6] == "mobile-app@web (4.0.5) (9.0.0)");
}

TEST_CASE("a name that is only required becomes what it is seen as") {
  Release r = small("1.0.0", "r.xml");
  r.firmware = {firmware("app", "1.0.0", 4)};
  r.firmware[0].needs = {{.component = "other", .range = range(">=1.1.0"), .line = 5}};
  Catalogue device = made({r});
  REQUIRE(add_installed(device, "other", v("1.0.0"), here));
  CHECK(on_device(device.components[1].kind));
  CHECK(add_in_use(device, "other", "", v("1.0.0")).error().kind == ErrorKind::conflict);
  Catalogue beside = made({r});
  REQUIRE(add_in_use(beside, "other", "linux", v("1.0.0")));
  CHECK(labels(beside) == Lines{"app 1.0.0", "other@linux (1.0.0)"});
  CHECK(beside.components[1].kind == Kind::app);
  CHECK(needs(beside, "app", "1.0.0") == Lines{"other@linux >=1.1.0 active r.xml:5"});
  CHECK(add_installed(beside, "other", v("1.0.0"), here).error().kind == ErrorKind::conflict);
}

TEST_CASE("a catalogue that is full takes no more components") {
  Release r = small("1.0.0", "r.xml");
  for (int i = 0; i < 16; ++i) r.firmware.push_back(firmware("c" + std::to_string(i), "1.0.0", i));
  Catalogue c = made({r});
  CHECK(add_installed(c, "one-more", v("1.0.0"), here).error().what == "one-more would be one component more than 16");
  CHECK(add_in_use(c, "one-more", "", v("1.0.0")).error().kind == ErrorKind::invalid);
}

}  // namespace lockstep::model
