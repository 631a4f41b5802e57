#include "manifests/resolve/resolve.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "manifests/release/sample.hpp"

namespace lockstep::resolve {
namespace {

using release::sample::parsed;
using release::sample::with;

version::Version v(std::string_view text) { return *version::parse(text); }

DeviceState device(std::string_view app = "1.4.0") {
  return {.name = "board-3", .board = "node-m3", .revision = "2",
          .components = {{.component = "bootloader", .version = v("1.2.0")}, {.component = "app", .version = v(app)}}};
}

const std::vector<SoftwareInUse> new_app{{.component = "mobile-app", .version = v("5.3.0"), .platform = "android"}};

Answer ask(const release::Release& release, const DeviceState& state,
           const std::vector<SoftwareInUse>& in_use = new_app) {
  return resolve(release, state, in_use);
}

// The only reason of a no, as people read it.
std::string reason(const Answer& answer) {
  CHECK_FALSE(answer.yes);
  CHECK(answer.set.empty());
  REQUIRE(answer.reasons().size() == 1);
  return answer.reasons()[0].text();
}

}  // namespace

TEST_CASE("a device that fits gets a yes with the set that will be together") {
  const Answer answer = ask(parsed(release::sample::text()), device());
  CHECK(answer.yes);
  CHECK(answer.reasons().empty());
  REQUIRE(answer.set.size() == 3);
  CHECK(answer.set[0].component == "app");
  CHECK(answer.set[0].version.text() == "2.0.0");
  CHECK(answer.set[0].from->text() == "1.4.0");
  CHECK(answer.set[0].image_hash->hex() == "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  CHECK(answer.set[1].component == "bootloader");
  CHECK_FALSE(answer.set[1].from);
  CHECK(answer.set[2].component == "mobile-app");
  REQUIRE(answer.changes().size() == 1);
  CHECK(answer.changes()[0].component == "app");
}

TEST_CASE("an app that is too old for the firmware is a no that names the app to wait for") {
  const Answer answer = ask(parsed(release::sample::text()), device(),
                            {{.component = "mobile-app", .version = v("5.1.0"), .platform = "android"}});
  CHECK(reason(answer) ==
        "app 2.0.0 requires mobile-app ^5.2.0, but mobile-app 5.1.0 (android) is in use (release.xml:10); ok when "
        "everybody uses mobile-app 5.3.0 of this release (release.xml:14) or another version in ^5.2.0");
}

TEST_CASE("an app in use that does not work with the new firmware is a no in the other direction") {
  const auto release = parsed(with("range=\"&gt;=1.0.0 &lt;3.0.0\"", "range=\"^1.0.0\""));
  CHECK(reason(ask(release, device())) ==
        "mobile-app 5.3.0 (android) requires app ^1.0.0, but app 2.0.0 would be on the device (release.xml:16); ok when "
        "nobody uses mobile-app 5.3.0 (android) any more, or in a release whose app is in ^1.0.0");
  // The iOS version of the same release says otherwise.
  CHECK(ask(release, device(), {{.component = "mobile-app", .version = v("5.2.1"), .platform = "ios"}}).yes);
}

TEST_CASE("every version in use counts, not only the newest") {
  auto in_use = new_app;
  in_use.push_back({.component = "mobile-app", .version = v("5.0.0"), .platform = "ios"});
  CHECK(ask(parsed(release::sample::text()), device(), in_use).reasons().size() == 1);
}

TEST_CASE("a requirement on software of which nothing is known to be in use is a no") {
  CHECK(reason(ask(parsed(release::sample::text()), device(), {})) ==
        "app 2.0.0 requires mobile-app ^5.2.0, but no version of it is known to be in use with board-3 "
        "(release.xml:10); ok when the version in use is known and fits");
}

TEST_CASE("a version in use that the release does not describe is good only when the firmware vouches for it") {
  const std::vector<SoftwareInUse> other{{.component = "mobile-app", .version = v("5.9.9")}};
  const Answer vouched = ask(parsed(release::sample::text()), device(), other);
  CHECK(vouched.yes);
  const auto unknown = std::find_if(vouched.checks.begin(), vouched.checks.end(),
                                    [](const Check& c) { return c.outcome == Check::Outcome::unknown; });
  REQUIRE(unknown != vouched.checks.end());
  CHECK(unknown->text() == "mobile-app 5.9.9 is not described by this release: what it requires itself is not known");

  const auto silent = parsed(with("<requires component=\"mobile-app\" range=\"^5.2.0\"/>", ""));
  CHECK(reason(ask(silent, device(), other)) ==
        "mobile-app 5.9.9 is in use, but nothing says whether it works with thermostat 2.0.0 (release.xml:14); ok when "
        "mobile-app 5.3.0 is used, or when the firmware says by a <requires> which versions it works with");
  CHECK(ask(silent, device()).yes);
  CHECK(ask(silent, device(), {{.component = "backend", .version = v("1.0.0")}}).yes);  // not paired by this release
}

TEST_CASE("what stays on the device has to fit, too") {
  DeviceState old_boot = device();
  old_boot.components[0].version = v("1.0.9");
  CHECK(reason(ask(parsed(release::sample::text()), old_boot)) ==
        "app 2.0.0 requires bootloader >=1.1.0, but bootloader 1.0.9 would be on the device (release.xml:11); ok when "
        "bootloader is updated to a version in >=1.1.0 first");
  DeviceState no_boot = device();
  no_boot.components.erase(no_boot.components.begin());
  CHECK(reason(ask(parsed(release::sample::text()), no_boot)) ==
        "app 2.0.0 requires bootloader >=1.1.0, but board-3 has none and no software of that name is known "
        "(release.xml:11); ok when a version that fits is there");
}

TEST_CASE("a device that is too far behind is told its stepping stone") {
  CHECK(reason(ask(parsed(release::sample::text()), device("0.9.4"))) ==
        "app 2.0.0 comes directly only from >=1.0.0 <2.0.0, but board-3 has 0.9.4 (release.xml:9); ok by a stepping "
        "stone: first update app to a version in >=1.0.0 <2.0.0, such as 1.0.0");
  CHECK(reason(ask(parsed(release::sample::text()), device("2.1.0"))) ==
        "app 2.0.0 comes directly only from >=1.0.0 <2.0.0, but board-3 has 2.1.0 (release.xml:9); ok from a version in "
        ">=1.0.0 <2.0.0");
}

TEST_CASE("a board or revision outside the release is a no, and so is one that cannot be known") {
  const auto release = parsed(release::sample::text());
  DeviceState state = device();
  state.revision = "4.1";
  CHECK(reason(ask(release, state)) ==
        "thermostat 2.0.0 needs node-m3 >=1 <4, but board-3 is revision 4.1 (release.xml:3); ok on a board in >=1 <4, or "
        "in a release for revision 4.1");
  state.revision = "";
  CHECK(reason(ask(release, state)) ==
        "thermostat 2.0.0 needs node-m3 >=1 <4, but the revision of the board is not known (release.xml:3); ok when the "
        "device reports its revision as numbers such as 2 or 2.1");
  state.revision = "C2";
  CHECK(reason(ask(release, state)).find("the board's revision \"C2\" cannot be compared") != std::string::npos);
  state = device();
  state.board = "node-m4";
  CHECK(reason(ask(release, state)) ==
        "thermostat 2.0.0 is for node-m3 >=1 <4, but board-3 is node-m4 (release.xml:3); ok on one of these boards, or "
        "in a release that lists node-m4");
  state.board = "";
  CHECK(reason(ask(release, state)).find("the board is not known") != std::string::npos);
}

TEST_CASE("what must hold while an image is written, or in its slot, is held against what is there now") {
  const auto release = [](std::string_view when, std::string_view range) {
    return parsed(release::sample::full_with("range=\"&gt;=1.0.0\" when=\"during-flash\"",
                                             "range=\"" + std::string(range) + "\" when=\"" + std::string(when) + "\""));
  };
  DeviceState state{.name = "gw-7", .board = "gw-1", .revision = "1",
                    .components = {{.component = "bootloader", .version = v("1.1.0")},
                                   {.component = "app", .version = v("1.0.0")},
                                   {.component = "radio", .version = v("1.0.0")}}};
  const std::vector<SoftwareInUse> in_use{{.component = "mobile-app", .version = v("4.1.0"), .platform = "ios"},
                                          {.component = "backend", .version = v("1.1.0")}};
  CHECK(ask(release("during-flash", "&gt;=1.0.0"), state, in_use).yes);
  CHECK(reason(ask(release("during-flash", "&gt;=2.0.0"), state, in_use)) ==
        "radio 2.0.0 requires app >=2.0.0 while it is written, but app 1.0.0 is on the device (release.xml:25); ok when app "
        "is updated to a version in >=2.0.0 first");
  CHECK(reason(ask(release("installed", "&gt;=2.0.0"), state, in_use)) ==
        "radio 2.0.0 requires app >=2.0.0 as soon as it is in a slot, but app 1.0.0 is on the device (release.xml:25); ok "
        "when app is updated to a version in >=2.0.0 first");
  // What is there already is not written, and what does not change is looked at once.
  state.components[2].version = v("2.0.0");
  CHECK(ask(release("during-flash", "&gt;=2.0.0"), state, in_use).yes);
  CHECK(ask(release("installed", "&gt;=2.0.0"), state, in_use).yes);
  state.components[0].version = v("1.0.0");  // app 2.0.0 requires bootloader >=1.1.0 in its slot
  CHECK(reason(ask(release("during-flash", "*"), state, in_use))
            .starts_with("app 2.0.0 requires bootloader >=1.1.0 as soon as it is in a slot, but bootloader 1.0.0 is on"));
}

TEST_CASE("a device without the component that the release brings is a no") {
  DeviceState state = device();
  state.components[1].component = "radio";
  CHECK(reason(ask(parsed(release::sample::text()), state)) ==
        "thermostat 2.0.0 brings app 2.0.0, but board-3 has no app (release.xml:5); ok on a device that reports this "
        "component");
}

TEST_CASE("the security counter does not go back") {
  DeviceState state = device();
  state.components[1].security_counter = 2;
  CHECK(ask(parsed(release::sample::text()), state).yes);
  state.components[1].security_counter = 3;
  CHECK(reason(ask(parsed(release::sample::text()), state)) ==
        "app 2.0.0 has security counter 2, but board-3 accepts 3 and above only (release.xml:5); ok in a build that is "
        "signed with counter 3 or more");
}

TEST_CASE("a device that runs the release already has nothing to change") {
  DeviceState state = device("2.0.0");
  CHECK(ask(parsed(release::sample::text()), state).yes);
  CHECK(ask(parsed(release::sample::text()), state).changes().empty());
  // Same version, other bytes: the digest decides, and then 2.0.0 is not in the from range.
  state.components[1].image_hash = Sha256::of("other");
  CHECK_FALSE(ask(parsed(release::sample::text()), state).yes);
  state.components[1].image_hash = parsed(release::sample::text()).firmware[0].image_hash;
  CHECK(ask(parsed(release::sample::text()), state).changes().empty());
}

TEST_CASE("all reasons are given, not only the first") {
  DeviceState state = device("0.9.0");
  state.revision = "9";
  state.components[1].security_counter = 9;
  const Answer answer = ask(parsed(release::sample::text()), state, {});
  CHECK(answer.reasons().size() == 4);
}

TEST_CASE("the derivation reads as numbered lines that end in the answer") {
  const auto release = parsed(release::sample::text());
  const std::vector<std::string> yes = explain(release, device(), ask(release, device()));
  CHECK(yes == std::vector<std::string>{
                   "May board-3 get thermostat 2.0.0?",
                   " 1. ok      node-m3 revision 2 is in >=1 <4 (release.xml:3)",
                   " 2. ok      board-3 has app 1.4.0, to become 2.0.0 (release.xml:5)",
                   " 3. ok      app 1.4.0 may become 2.0.0 directly: it is in >=1.0.0 <2.0.0 (release.xml:9)",
                   " 4. ok      app 2.0.0 requires mobile-app ^5.2.0: 5.3.0 is (release.xml:10)",
                   " 5. ok      app 2.0.0 requires bootloader >=1.1.0: 1.2.0 is (release.xml:11)",
                   " 6. ok      mobile-app 5.3.0 (android) requires app >=1.0.0 <3.0.0: 2.0.0 is (release.xml:16)",
                   "Yes: app 2.0.0 (now 1.4.0), bootloader 1.2.0, mobile-app 5.3.0.",
               });
  const auto no = explain(release, device("0.1.0"), ask(release, device("0.1.0")));
  CHECK(no.back() == "No: 1 of 6 checks failed.");
}

// The rules once more, as one boolean, on many small random worlds.
TEST_CASE("the answer is that of a plain reading of the rules on 5,000 random worlds") {
  std::mt19937 random(7);
  const auto pick = [&](unsigned n) { return static_cast<std::uint64_t>(random() % n); };
  const auto some_version = [&] { return version::Version{.major = pick(3), .minor = pick(3), .patch = 0}; };
  const auto some_range = [&] {
    const std::string numbers = std::to_string(pick(3)) + '.' + std::to_string(pick(3));
    const char* forms[] = {">=", "^", "<", "~", ""};
    return *version::Range::parse(std::string(forms[pick(5)]) + numbers);
  };
  int yes = 0;
  for (int world = 0; world < 5000; ++world) {
    release::Release r{.product = "p", .version = v("1.0.0"), .file = "r.xml"};
    r.hardware = {{.board = "b", .revisions = *version::Range::parse(">=1")}};
    release::Firmware app{.component = "app", .version = some_version(), .image_hash = Sha256::of("app"),
                          .security_counter = static_cast<std::uint32_t>(pick(3))};
    if (pick(3) == 0) app.from = release::From{.range = some_range()};
    if (pick(3) == 0) app.needs.push_back({.component = "phone", .range = some_range()});
    if (pick(3) == 0) app.needs.push_back({.component = "radio", .range = some_range()});
    release::Software phone{.component = "phone", .version = some_version()};
    if (pick(2) == 0) phone.needs.push_back({.component = "app", .range = some_range()});
    r.firmware = {app};
    r.software = {phone};

    const auto radio = some_version();
    const auto now = some_version();
    const auto counter = static_cast<std::uint32_t>(pick(3));
    const auto revision = pick(4);
    const DeviceState d{.name = "d", .board = "b", .revision = std::to_string(revision),
                        .components = {{.component = "radio", .version = radio},
                                       {.component = "app", .version = now, .security_counter = counter}}};
    std::vector<SoftwareInUse> in_use;
    for (std::uint64_t n = pick(3); n > 0; --n) in_use.push_back({.component = "phone", .version = some_version()});

    bool expected = r.hardware[0].revisions.contains({.major = revision});
    const bool moves = now != app.version;
    if (moves && app.from) expected &= app.from->range.contains(now);
    if (moves) expected &= app.security_counter >= counter;
    bool vouches = false;
    for (const auto& need : app.needs) {
      if (need.component == "radio") expected &= need.range.contains(radio);
      if (need.component != "phone") continue;
      vouches = true;
      expected &= !in_use.empty();
      for (const auto& use : in_use) expected &= need.range.contains(use.version);
    }
    for (const auto& use : in_use) {
      if (use.version != phone.version) expected &= vouches;
      if (use.version == phone.version) {
        for (const auto& need : phone.needs) expected &= need.range.contains(app.version);
      }
    }
    CAPTURE(world);
    REQUIRE(resolve(r, d, in_use).yes == expected);
    yes += expected ? 1 : 0;
  }
  CHECK(yes > 200);
}

}  // namespace lockstep::resolve
