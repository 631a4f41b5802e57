#include "manifests/model/problem.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "manifests/release/sample.hpp"

namespace lockstep::model {
namespace {

using release::Release;
namespace sample = release::sample;
using Lines = std::vector<std::string>;

version::Version v(std::string_view text) { return *version::parse(text); }

Release parsed(const std::string& text, const std::string& file) {
  auto release = release::parse(text, file);
  REQUIRE_MESSAGE(release, (release ? "" : release.error().what));
  return *std::move(release);
}

// The gateways of the examples, the second one changed at will, and a device that runs the first.
struct World {
  std::vector<Release> releases;
  Report report{.device = {.name = "gw-7", .board = "gw-1", .revision = "2",
                           .components = {{.component = "bootloader", .version = v("1.0.0")},
                                          {.component = "app", .version = v("1.0.0"), .security_counter = 1},
                                          {.component = "radio", .version = v("1.0.0")}}},
                .in_use = {{.component = "mobile-app", .version = v("4.0.0"), .platform = "android"},
                           {.component = "backend", .version = v("1.0.0")}}};
  Catalogue catalogue;

  explicit World(std::string second = sample::full()) {
    releases = {parsed(sample::example("gateway-1.0.0.xml"), "one.xml"), parsed(second, "two.xml")};
  }

  Outcome<Problem> ask(Scope scope = Scope::device) {
    auto made = make_catalogue(releases);
    REQUIRE_MESSAGE(made, (made ? "" : made.error().what));
    catalogue = *std::move(made);
    const auto added = add_reported(catalogue, report);
    if (!added) return Fail(added.error());
    return make_problem(catalogue, report, releases.back(), scope);
  }
  Problem must(Scope scope = Scope::device) {
    auto problem = ask(scope);
    REQUIRE_MESSAGE(problem, (problem ? "" : problem.error().what));
    return *std::move(problem);
  }
  std::string refused(ErrorKind kind) {
    const auto problem = ask();
    REQUIRE_FALSE(problem);
    CHECK(problem.error().kind == kind);
    return problem.error().what;
  }

  resolve::Installed& installed(std::string_view name) {
    auto& all = report.device.components;
    return *std::find_if(all.begin(), all.end(), [&](const auto& i) { return i.component == name; });
  }
  void without(std::string_view name) {
    std::erase_if(report.device.components, [&](const auto& i) { return i.component == name; });
  }
  std::string active(const Problem& p, std::string_view label) const {
    const Index i = catalogue.find(label);
    const Index a = p.start.parts[static_cast<std::size_t>(i)].active;
    return a == none ? "none" : catalogue.name(i, a);
  }
  const Part& part(const Problem& p, std::string_view label) const {
    return p.start.parts[static_cast<std::size_t>(catalogue.find(label))];
  }
  Lines goals(const Problem& p) const {
    Lines out;
    for (std::size_t i = 0; i < p.goal.versions.size(); ++i) {
      if (p.goal.versions[i] != none) out.push_back(catalogue.name(static_cast<Index>(i), p.goal.versions[i]));
    }
    return out;
  }
  Lines bans(const Problem& p) const {
    Lines out;
    for (const Ban& b : p.bans) out.push_back(catalogue.name(b.component, b.version) + ": " + b.reason);
    return out;
  }
};

}  // namespace

TEST_CASE("a device that reports everything becomes a start, and the release a goal") {
  World world;
  const Problem p = world.must();
  CHECK(p.catalogue == &world.catalogue);
  CHECK(p.board.board == "gw-1");
  CHECK(p.board.revision == v("2.0.0"));
  CHECK(p.start.parts.size() == 6);
  CHECK(world.active(p, "app") == "app 1.0.0");
  CHECK(world.part(p, "app").counter == 1);
  CHECK(world.part(p, "app").epoch == 1);
  CHECK(world.part(p, "app").fallback == none);
  CHECK(world.part(p, "radio").counter == 0);
  CHECK(world.part(p, "mobile-app@android").alive == std::vector<Index>{0});
  CHECK(world.part(p, "mobile-app@ios").alive.empty());
  CHECK(world.goals(p) == Lines{"app 2.0.0", "bootloader 1.1.0", "radio 2.0.0"});
  CHECK(world.bans(p).empty());
  CHECK(world.goals(world.must(Scope::everything)) ==
        Lines{"app 2.0.0", "backend 1.1.0", "bootloader 1.1.0", "mobile-app@android 4.1.0", "mobile-app@ios 4.1.0",
              "radio 2.0.0"});
}

TEST_CASE("what a release for another board brings is banned, also when an older one brings the same images for this one") {
  World world;
  Release& target = world.releases.back();
  target.firmware = world.releases.front().firmware;
  target.hardware = {{.board = "gw-9", .revisions = *version::Range::parse(">=3.0.0"), .line = 4}};
  const std::string why = "gateway 2.0.0 is for gw-9 >=3.0.0 (two.xml:4), but gw-7 is gw-1 2";
  CHECK(world.refused(ErrorKind::refused) == why + "; give it a release for its board");  // it runs them already
  world.installed("app").version = v("0.9.0");
  const auto banned_for_board = [&] {
    Lines out = world.bans(world.must());
    std::erase_if(out, [&](const std::string& line) { return line.find(why) == std::string::npos; });
    return out;
  };
  CHECK(banned_for_board() == Lines{"bootloader 1.0.0: " + why, "app 1.0.0: " + why, "radio 1.0.0: " + why});
  std::swap(world.releases.front(), world.releases.back());
  CHECK(banned_for_board().empty());
}

TEST_CASE("the same report gives the same problem") {
  World world;
  const Problem a = world.must();
  const Problem b = world.must();
  CHECK(a.start == b.start);
  CHECK(a.goal.versions == b.goal.versions);
}

TEST_CASE("what no release describes stays as it is, and nothing moves to it") {
  World world;
  world.report.device.components.push_back({.component = "fpga", .version = v("7.0.0")});
  world.installed("app").version = v("1.5.0");
  const Problem p = world.must();
  CHECK(world.active(p, "fpga") == "fpga 7.0.0");
  CHECK(world.active(p, "app") == "app 1.5.0");
  // What is there is safe by itself: its board fits and its counter is the device's.
  const Record& app = world.catalogue.record(world.catalogue.find("app"), world.part(p, "app").active);
  CHECK(app.security_counter == world.part(p, "app").counter);
  CHECK(app.hardware[0].revisions.contains(p.board.revision));
  CHECK(world.goals(p) == Lines{"app 2.0.0", "bootloader 1.1.0", "radio 2.0.0"});
  const Lines bans = world.bans(p);
  CHECK(std::count(bans.begin(), bans.end(), "app 1.5.0: no release describes app 1.5.0") == 1);
  CHECK(std::count(bans.begin(), bans.end(), "fpga 7.0.0: no release describes fpga 7.0.0") == 1);
}

TEST_CASE("a version that requires what the device does not have is out of reach, with the reason") {
  World world(sample::full_with("component=\"bootloader\" range", "component=\"fpga\" range"));
  CHECK(world.bans(world.must()) ==
        Lines{"app 2.0.0: app 2.0.0 requires fpga >=1.1.0 (two.xml:18), but gw-7 has none and no software of that name is "
              "known"});
  // Another device has one: it is known then, and this one still has none.
  Report other = world.report;
  other.device.components.push_back({.component = "fpga", .version = v("1.1.0"), .security_counter = 4});
  REQUIRE(add_reported(world.catalogue, other));
  const auto ours = make_problem(world.catalogue, world.report, world.releases.back());
  REQUIRE(ours);
  CHECK(world.active(*ours, "fpga") == "none");
  CHECK(world.bans(*ours) == Lines{"app 2.0.0: app 2.0.0 requires fpga >=1.1.0 (two.xml:18), but gw-7 has none",
                                   "fpga 1.1.0: no release describes fpga 1.1.0"});
  const auto theirs = make_problem(world.catalogue, other, world.releases.back());
  REQUIRE(theirs);
  CHECK(world.bans(*theirs) == Lines{"fpga 1.1.0: no release describes fpga 1.1.0"});
}

TEST_CASE("a device without a component that the release brings is told so") {
  World world;
  world.without("bootloader");
  CHECK(world.refused(ErrorKind::refused) ==
        "gateway 2.0.0 brings bootloader 1.1.0 (two.xml:9), but gw-7 has no bootloader; ok on a device that reports this "
        "component");
}

TEST_CASE("when a version that is there requires what the device does not report, a person has to say") {
  World world;
  world.releases.pop_back();
  world.without("radio");
  world.releases.back().firmware.pop_back();
  CHECK(world.refused(ErrorKind::invalid) ==
        "app 1.0.0 is on gw-7 and requires radio ^1.0.0 (one.xml:16), but gw-7 has none; say which version of it is there");
  World beside(sample::full_with("&lt;3.0.0\"/>\n    <requires component=\"backend\"",
                                 "&lt;3.0.0\"/>\n    <requires component=\"fpga\""));
  beside.report.in_use[0].version = v("4.1.0");
  CHECK(beside.refused(ErrorKind::invalid).starts_with("mobile-app@android 4.1.0 is in use and requires fpga ^1.1.0 "
                                                       "(two.xml:33), but gw-7 has none"));
}

TEST_CASE("software of which nobody knows the version in use is not taken as none") {
  World world;
  world.report.in_use = {{.component = "backend", .version = v("1.0.0")}};
  CHECK(world.bans(world.must()) ==
        Lines{"app 2.0.0: app 2.0.0 requires mobile-app >=4.1.0 (two.xml:19), but no version of it is known to be in use "
              "with gw-7"});
  world.report.unused = {"mobile-app"};  // that is knowledge
  CHECK(world.bans(world.must()).empty());
  world.report.unused = {"backend"};
  CHECK(world.refused(ErrorKind::conflict) == "backend is reported as not used with gw-7 and as used");
}

TEST_CASE("a version in use that nobody describes is good only when the firmware's release vouches for it") {
  World world;
  world.report.in_use[0] = {.component = "mobile-app", .version = v("5.9.9"), .platform = "ios"};
  Problem p = world.must();
  CHECK(world.part(p, "mobile-app@ios").alive.size() == 1);
  CHECK(world.bans(p) == Lines{"mobile-app@ios 5.9.9: no release describes mobile-app@ios 5.9.9"});

  World silent(sample::full_with("    <requires component=\"mobile-app\" range=\"&gt;=4.1.0\"/>\n", ""));
  silent.report.in_use[0] = {.component = "mobile-app", .version = v("5.9.9"), .platform = "web"};
  p = silent.must();
  const Lines bans = silent.bans(p);
  CHECK(silent.part(p, "mobile-app@web").alive.size() == 1);
  for (const char* firmware : {"app 2.0.0", "radio 2.0.0", "bootloader 1.1.0"}) {
    CAPTURE(firmware);
    CHECK(std::any_of(bans.begin(), bans.end(), [&](const std::string& b) {
      return b.starts_with(std::string(firmware) + ": mobile-app@web 5.9.9 is in use, but nothing says whether it works with");
    }));
  }
  CHECK(std::none_of(bans.begin(), bans.end(), [](const std::string& b) { return b.starts_with("app 1.0.0"); }));  // is there
}

TEST_CASE("several versions in use are all alive, each once") {
  World world;
  world.report.in_use = {{.component = "mobile-app", .version = v("4.1.0"), .platform = "android"},
                         {.component = "mobile-app", .version = v("4.0.0")},
                         {.component = "mobile-app", .version = v("4.1.0"), .platform = "android"},
                         {.component = "backend", .version = v("1.0.0"), .platform = "eu"}};
  const Problem p = world.must();
  CHECK(world.part(p, "mobile-app@android").alive == std::vector<Index>{0, 1});
  CHECK(world.part(p, "mobile-app@ios").alive == std::vector<Index>{0});
  CHECK(world.part(p, "backend").alive == std::vector<Index>{0});
}

TEST_CASE("slots, trials and torn components come from the report, and must be possible") {
  World world;
  world.installed("app").version = v("2.0.0");
  world.report.slots = {{.component = "app", .fallback = v("1.0.0"), .trial = true}};
  Problem p = world.must();
  CHECK(world.part(p, "app").trial);
  CHECK(world.part(p, "app").fallback == 0);
  world.report.slots[0].trial = false;  // confirmed: an ab_trial bootloader does not go back any more
  CHECK(world.part(world.must(), "app").fallback == none);
  world.report.slots = {{.component = "app", .staged = v("1.0.0")}};
  CHECK(world.part(world.must(), "app").staged == 0);

  world.without("radio");
  world.report.slots = {{.component = "radio", .torn = true}, {.component = "app", .epoch = 1}};
  p = world.must();
  CHECK(world.part(p, "radio").active == torn);
  CHECK(world.part(p, "radio").epoch == 0);
  CHECK(world.bans(p).empty());

  const struct { Slots slots; const char* message; } rows[] = {
      {{.component = "app", .trial = true}, "app on gw-7 is on trial, but what it would go back to is not known; report the "
                                            "other slot, or confirm it first"},
      {{.component = "app", .fallback = v("1.0.0"), .staged = v("2.0.0"), .trial = true},
       "app on gw-7 has two slots, but a third image is reported as staged"},
      {{.component = "bootloader", .fallback = v("1.0.0")}, "bootloader of gw-7 has one slot, but another or a trial is "
                                                            "reported"},
      {{.component = "app", .torn = true}, "app of gw-7 is reported as torn, but with a version, too"},
  };
  for (const auto& row : rows) {
    World bad;
    bad.report.slots = {row.slots};
    CHECK(bad.refused(ErrorKind::conflict) == row.message);
  }
}

TEST_CASE("the other slot of a component that may always go back has to be known") {
  World world(sample::full_with("name=\"app\" kind=\"ab-trial\"", "name=\"app\" kind=\"ab-late\""));
  world.releases[0].components[1].kind = Kind::ab_late;
  CHECK(world.refused(ErrorKind::invalid) ==
        "the other slot of app on gw-7 is not known, and it may start at any time; report what is in it, or that nothing is (--fallback app=none)");
  world.report.slots = {{.component = "app"}};
  CHECK(world.part(world.must(), "app").fallback == none);
  world.report.slots = {{.component = "app", .fallback = v("0.9.0")}};
  const Problem p = world.must();
  CHECK(world.catalogue.name(world.catalogue.find("app"), world.part(p, "app").fallback) == "app 0.9.0");
}

TEST_CASE("the digest decides which version runs, and two builds of one version are not mixed up") {
  World world;
  world.installed("app").version = v("0.0.1");
  world.installed("app").image_hash = world.releases[1].firmware_of("app")->image_hash;
  CHECK(world.active(world.must(), "app") == "app 2.0.0");
  world.installed("app").version = v("1.0.0");
  world.installed("app").image_hash = Sha256::of("built on my desk");
  CHECK(world.refused(ErrorKind::conflict).starts_with("gw-7 runs app 1.0.0 with the image hash "));
  world.installed("app").version = v("1.0.1");
  CHECK(world.active(world.must(), "app") == "app 1.0.1");
}

TEST_CASE("an epoch that nobody reports may be any that the active version reads") {
  // app 1.0.0 reads epoch 1 only, so it is known.
  World world;
  CHECK(world.part(world.must(), "app").epoch == 1);
  // app 2.0.0 reads 1 and 2 and would write 2 when finalised: nobody knows whether it was.
  world.installed("app").version = v("2.0.0");
  Problem p = world.must();
  CHECK(world.part(p, "app").epoch == 2);
  CHECK(world.bans(p) == Lines{"app 1.0.0: the data of app may be of epoch 2, because gw-7 does not report it, and app "
                               "1.0.0 does not read that (one.xml:12)"});
  world.report.slots = {{.component = "app", .epoch = 1}};
  p = world.must();
  CHECK(world.part(p, "app").epoch == 1);
  CHECK(world.bans(p).empty());
  // One that migrates at boot has done so.
  World boot(sample::full_with("migrates=\"finalise\"", "migrates=\"boot\""));
  boot.installed("app").version = v("2.0.0");
  p = boot.must();
  CHECK(boot.part(p, "app").epoch == 2);
  CHECK(boot.bans(p).empty());  // the model itself keeps app 1.0.0 away
  // Of one that nobody describes nothing is known.
  World bare;
  bare.installed("app").version = v("1.5.0");
  CHECK(bare.bans(bare.must()).size() == 3);  // both described ones, and itself
}

TEST_CASE("a board or revision that is not known is an error that says what to do") {
  World world;
  world.report.device.board = "";
  CHECK(world.refused(ErrorKind::invalid) == "the board of gw-7 is not known; say which one it is");
  world.report.device.board = "gw-1";
  world.report.device.revision = "";
  CHECK(world.refused(ErrorKind::invalid) ==
        "the revision of gw-7's board is not known; say it in numbers such as 2 or 2.1");
  world.report.device.revision = "C";
  world.report.slots = {{.component = "app", .trial = true}};
  CHECK(world.refused(ErrorKind::invalid) ==
        "the revision C of gw-7's board cannot be compared; say it in numbers such as 2 or 2.1\n"
        "app on gw-7 is on trial, but what it would go back to is not known; report the other slot, or confirm it first");
}

TEST_CASE("a catalogue that has not seen the report or the release is not guessed from") {
  World world;
  CHECK(world.ask());
  Report stranger = world.report;
  stranger.device.components.push_back({.component = "fpga", .version = v("1.0.0")});
  stranger.device.components[0].version = v("0.1.0");
  stranger.in_use.push_back({.component = "desktop", .version = v("1.0.0")});
  const auto problem = make_problem(world.catalogue, stranger, world.releases.back());
  REQUIRE_FALSE(problem);
  CHECK(std::count(problem.error().what.begin(), problem.error().what.end(), '\n') == 2);
  CHECK(problem.error().what.starts_with("bootloader 0.1.0 of gw-7 is not in the catalogue; add the report to it"));
  Release later = world.releases.back();
  later.version = v("3.0.0");
  later.firmware[0].version = v("3.0.0");
  const auto unknown = make_problem(world.catalogue, world.report, later);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().what == "bootloader 3.0.0 (two.xml:9) is not in the catalogue; make it with this release, too");
}

TEST_CASE("slots of a component that the device does not name are no guess") {
  World world;
  world.report.slots.push_back({.component = "fpgaa", .trial = true});
  CHECK(world.refused(ErrorKind::invalid) ==
        "something is said about the slots of fpgaa on gw-7, but not what it runs; name its version, too, or correct the name");
}

TEST_CASE("without a release the problem has everything but a goal") {
  World world;
  auto asked = world.ask();
  REQUIRE(asked);
  const auto open = make_problem(world.catalogue, world.report);
  REQUIRE(open);
  CHECK(open->start == asked->start);
  CHECK(open->bans.size() == asked->bans.size());
  CHECK(open->goal.versions == std::vector<Index>(world.catalogue.components.size(), none));
}

TEST_CASE("a report that takes a name for something else is refused") {
  World world;
  world.report.device.components.push_back({.component = "backend", .version = v("1.0.0")});
  world.report.in_use.push_back({.component = "radio", .version = v("1.0.0")});
  const std::string what = world.refused(ErrorKind::conflict);
  CHECK(what == "a device reports backend 1.0.0, but backend is software; look at one.xml:7\n"
                "radio 1.0.0 is in use beside the device, but radio is on the device; look at one.xml:6");
}

}  // namespace lockstep::model
