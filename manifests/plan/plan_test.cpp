#include "manifests/plan/plan.hpp"

#include "manifests/plan/sample.hpp"

namespace lockstep::plan {
namespace {

using model::Kind;
using model::When;
using sample::Lab;

constexpr const char* to_app_2 = "stage app 2.0.0, activate app 2.0.0, confirm app 2.0.0";

}  // namespace

TEST_CASE("what is there already needs nothing to be done") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 1.0.0");
  CHECK(lab.plan() == "nothing to do");
}

TEST_CASE("one component goes there directly, over all releases between") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.1.0 2.0.0").goal("app 2.0.0");
  CHECK(lab.plan() == to_app_2);
  const auto answer = lab.ask();
  CHECK(answer->cost == model::Cost{.reboots = 1, .bytes = 1000});
  const model::Part& last = answer->plan.after[2].parts[0];
  CHECK(last.active == 2);
  CHECK(last.fallback == model::none);
  CHECK_FALSE(last.trial);
  CHECK(answer->plan.after[1].parts[0].fallback == 0);
  CHECK(answer->plan.after[1].parts[0].trial);
}

TEST_CASE("a release that may come only from the stone before takes the stone") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.4.0 1.5.0 2.0.0").goal("app 2.0.0").from("app 2.0.0", ">=1.5.0");
  CHECK(lab.plan() == "stage app 1.5.0, activate app 1.5.0, confirm app 1.5.0, " + std::string(to_app_2));
  lab.ban("app 1.5.0");
  CHECK(lab.plan() == "no plan");
}

TEST_CASE("the required component goes first") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.goal("app 2.0.0").goal("radio 2.0.0").needs("app 2.0.0", "radio", ">=2");
  CHECK(lab.plan() == "stage radio 2.0.0, activate radio 2.0.0, confirm radio 2.0.0, " + std::string(to_app_2));
}

TEST_CASE("what fits in any mixture is activated at once, to save a reset") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.goal("app 2.0.0").goal("radio 2.0.0");
  CHECK(lab.plan() == "stage app 2.0.0, stage radio 2.0.0, activate app 2.0.0 and radio 2.0.0, "
                      "confirm app 2.0.0 and radio 2.0.0");
}

TEST_CASE("a pair that needs each other in lock-step has no plan, because each image reverts on its own") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 1.5.0 2.0.0");
  lab.goal("app 2.0.0").goal("radio 2.0.0");
  lab.needs("app 2.0.0", "radio", ">=2").needs("radio 2.0.0", "app", ">=2").needs("radio 1.5.0", "app", "<2");
  CHECK(lab.plan() == "no plan");
  SUBCASE("a bridge release makes it possible") {
    Lab bridged;
    bridged.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 1.5.0 2.0.0");
    bridged.goal("app 2.0.0").goal("radio 2.0.0");
    bridged.needs("app 2.0.0", "radio", ">=1.5").needs("radio 2.0.0", "app", ">=2");
    CHECK(bridged.plan() == "stage radio 1.5.0, activate radio 1.5.0, confirm radio 1.5.0, " + std::string(to_app_2) +
                                ", stage radio 2.0.0, activate radio 2.0.0, confirm radio 2.0.0");
  }
}

TEST_CASE("a firmware that drops an old app waits for a bridge app: expand, migrate, contract") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("phone", Kind::app, "1.0.0 1.5.0 2.0.0");
  lab.goal("app 2.0.0").goal("phone 2.0.0");
  lab.needs("app 2.0.0", "phone", ">=1.5").needs("phone 1.0.0", "app", "<2").needs("phone 2.0.0", "app", ">=2");
  // While app 2.0.0 is on trial it may go back to 1.0.0, so phone 2.0.0 must wait for the confirmation.
  CHECK(lab.plan() == "publish phone 1.5.0, retire phone 1.0.0, " + std::string(to_app_2) +
                          ", publish phone 2.0.0, retire phone 1.5.0");
  CHECK(lab.ask()->cost == model::Cost{.reboots = 1, .publications = 2, .bytes = 1000});
}

TEST_CASE("an old app that people do not leave blocks a firmware that drops it") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("phone", Kind::app, "1.0.0 2.0.0").goal("app 2.0.0");
  lab.needs("app 2.0.0", "phone", ">=2");
  CHECK(lab.plan() == "publish phone 2.0.0, retire phone 1.0.0, " + std::string(to_app_2));
  lab.stuck("phone 1.0.0");
  CHECK(lab.plan() == "no plan");
}

TEST_CASE("of several apps in use only those that are in the way are retired") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("phone", Kind::app, "1.0.0 2.0.0 3.0.0").goal("app 2.0.0");
  lab.start("phone").alive = {0, 1, 2};
  lab.needs("app 2.0.0", "phone", ">=2");
  CHECK(lab.plan() == "retire phone 1.0.0, " + std::string(to_app_2));
}

TEST_CASE("a fallback that may come back late blocks the other until it is overwritten") {
  Lab lab;
  lab.component("os", Kind::ab_late, "1.0.0 2.0.0").component("app", Kind::ab_trial, "1.0.0 2.0.0");
  lab.goal("os 2.0.0").goal("app 2.0.0").needs("app 2.0.0", "os", ">=2");
  const std::string os = "stage os 2.0.0, activate os 2.0.0, confirm os 2.0.0, ";
  CHECK(lab.plan() == os + "stage os 2.0.0, " + to_app_2);
  SUBCASE("or finalised, when there is nothing that may be staged") {
    lab.needs("os 2.0.0", "app", "<1", When::during_flash).start("os") = {.active = 1, .fallback = 0};
    // Its own way is closed for good: what it would need to try again is not there, hence no start at all.
    CHECK(lab.plan() == "no plan: bad start");
  }
  SUBCASE("or finalised, when that version is held meanwhile") {
    lab.start("os") = {.active = 1, .fallback = 0};
    lab.ban("os 2.0.0").ban("os 1.0.0");
    CHECK(lab.plan() == "finalise os 2.0.0, " + std::string(to_app_2));
    CHECK(lab.ask()->cost.irreversible == 1);
  }
}

TEST_CASE("a radio with one slot is written only while the app that writes it can") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::single, "1.0.0 2.0.0");
  lab.of("radio").via = 0;
  lab.goal("radio 2.0.0").needs("radio 2.0.0", "app", ">=2", When::during_flash);
  CHECK(lab.plan() == std::string(to_app_2) + ", activate radio 2.0.0");
  CHECK(lab.ask()->plan.after.back().parts[1].active == 1);
}

TEST_CASE("a torn radio is written again, from whatever it was") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0").component("radio", Kind::single, "1.0.0 2.0.0");
  lab.of("radio").via = 0;
  lab.start("radio").active = model::torn;
  lab.goal("radio 2.0.0").from("radio 2.0.0", ">=1.5");
  CHECK(lab.plan() == "activate radio 2.0.0");
}

TEST_CASE("nothing is written through what is torn") {
  Lab lab;
  lab.component("bridge", Kind::single, "1.0.0").component("radio", Kind::single, "1.0.0 2.0.0");
  lab.of("radio").via = 0;
  lab.start("bridge").active = model::torn;
  lab.goal("radio 2.0.0");
  CHECK(lab.plan() == "activate bridge 1.0.0, activate radio 2.0.0");
}

TEST_CASE("data that moves at the first boot needs an old version that reads the new format") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.5.0 2.0.0").goal("app 2.0.0");
  lab.record("app 1.0.0").data = {.reads_lowest = 0, .reads_highest = 0};
  lab.record("app 1.5.0").data = {.reads_lowest = 0, .reads_highest = 1};
  lab.record("app 2.0.0").data = {.reads_lowest = 0, .reads_highest = 1, .writes = 1, .at_boot = true};
  CHECK(lab.plan() == "stage app 1.5.0, activate app 1.5.0, confirm app 1.5.0, " + std::string(to_app_2));
  CHECK(lab.ask()->plan.after.back().parts[0].epoch == 1);
}

TEST_CASE("data that moves when finalised makes the stone's finalisation part of the way") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.5.0 2.0.0").goal("app 2.0.0");
  lab.record("app 1.0.0").data = {.reads_lowest = 0, .reads_highest = 0};
  lab.record("app 1.5.0").data = {.reads_lowest = 0, .reads_highest = 1, .writes = 1};
  lab.record("app 2.0.0").data = {.reads_lowest = 1, .reads_highest = 1};
  CHECK(lab.plan() ==
        "stage app 1.5.0, activate app 1.5.0, confirm app 1.5.0, finalise app 1.5.0, " + std::string(to_app_2));
}

TEST_CASE("nobody goes below the stored security counter") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 1.0.0");
  lab.start("app") = {.active = 1, .counter = 3};
  lab.record("app 2.0.0").security_counter = 3;
  lab.record("app 1.0.0").security_counter = 2;
  CHECK(lab.plan() == "no plan");
  lab.start("app").counter = 2;
  CHECK(lab.plan() == "stage app 1.0.0, activate app 1.0.0, confirm app 1.0.0");
}

TEST_CASE("irreversible acts come last, when asked for") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.goal("app 2.0.0").goal("radio 2.0.0");
  lab.record("app 2.0.0").security_counter = 1;
  Options options;
  options.finalise_at_end = true;
  CHECK(lab.plan(options) == "stage app 2.0.0, stage radio 2.0.0, activate app 2.0.0 and radio 2.0.0, "
                             "confirm app 2.0.0 and radio 2.0.0, finalise app 2.0.0");
  CHECK(lab.ask(options)->plan.after.back().parts[0].counter == 1);
  CHECK(lab.ask(options)->cost.irreversible == 0);
}

TEST_CASE("a device found on trial is confirmed first") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0 3.0.0").goal("app 2.0.0");
  lab.start("app") = {.active = 1, .fallback = 0, .trial = true};
  CHECK(lab.plan() == "confirm app 2.0.0");
  lab.goal("app 3.0.0");
  CHECK(lab.plan() == "confirm app 2.0.0, stage app 3.0.0, activate app 3.0.0, confirm app 3.0.0");
}

TEST_CASE("what is staged already is not staged again") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0 3.0.0").goal("app 2.0.0");
  lab.start("app").staged = 1;
  CHECK(lab.plan() == "activate app 2.0.0, confirm app 2.0.0");
  lab.goal("app 3.0.0");
  CHECK(lab.plan() == "stage app 3.0.0, activate app 3.0.0, confirm app 3.0.0");
}

TEST_CASE("an image that can be written only by the old peer is staged before the peer goes") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.goal("app 2.0.0").goal("radio 2.0.0");
  lab.needs("radio 2.0.0", "app", "<2", When::during_flash).needs("radio 2.0.0", "app", ">=2");
  // Should radio 2.0.0 go back, it could not be written again: not live.
  CHECK(lab.plan() == "no plan");
}

TEST_CASE("a version that must not lie in a slot beside a newer peer is in the way only while it does") {
  Lab lab;
  lab.component("boot", Kind::ab_trial, "1.0.0 2.0.0").component("app", Kind::ab_trial, "1.0.0 2.0.0");
  lab.goal("boot 2.0.0").goal("app 2.0.0").needs("app 1.0.0", "boot", "<2", When::installed);
  CHECK(lab.plan() == std::string(to_app_2) + ", stage boot 2.0.0, activate boot 2.0.0, confirm boot 2.0.0");
}

TEST_CASE("a backend is rolled while both versions run") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("cloud", Kind::service, "1.0.0 2.0.0 3.0.0");
  lab.goal("app 2.0.0").goal("cloud 3.0.0");
  lab.needs("app 1.0.0", "cloud", "<3").needs("app 2.0.0", "cloud", ">=2");
  CHECK(lab.plan() == "roll cloud 2.0.0, " + std::string(to_app_2) + ", roll cloud 3.0.0");
  lab.stuck("cloud 1.0.0");
  CHECK(lab.plan() == "no plan");
}

TEST_CASE("a board that the release is not for gets no plan, and a bad start is said to be one") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 2.0.0");
  lab.record("app 2.0.0").hardware = {{.board = "node", .revisions = sample::range(">=3")}};
  CHECK(lab.plan() == "no plan");
  lab.record("app 1.0.0").hardware = {{.board = "hub", .revisions = sample::range("*")}};
  CHECK(lab.plan() == "no plan: bad start");
}

TEST_CASE("components that share no requirement are planned apart") {
  Lab lab;
  for (const char* name : {"a", "b", "c", "d"}) lab.component(name, Kind::single, "1.0.0 2.0.0");
  for (const char* goal : {"a 2.0.0", "b 2.0.0", "c 2.0.0", "d 2.0.0"}) lab.goal(goal);
  CHECK(lab.plan() == "activate a 2.0.0, activate b 2.0.0, activate c 2.0.0, activate d 2.0.0");
  CHECK(lab.ask()->counts.groups == 4);
}

TEST_CASE("a limit is not an answer") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 2.0.0");
  Options options;
  options.limits.expansions = 0;
  CHECK(lab.plan(options) == "gave up");
}

TEST_CASE("with any limit the answer is a plan with an honest bound, or none at all") {
  Lab lab;
  const std::vector<std::string> names{"a", "b", "c", "d", "e", "f", "g"};
  for (const auto& name : names) lab.component(name, Kind::ab_trial, "1.0.0 2.0.0 3.0.0 4.0.0 5.0.0 6.0.0");
  // A ladder: nobody may be more than one release behind its neighbours, so all climb in turns, two rungs at a time.
  for (int v = 2; v <= 6; ++v) {
    const std::string version = ' ' + std::to_string(v) + ".0.0";
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
      lab.needs(names[i] + version, names[i + 1], ">=" + std::to_string(v - 1));
      lab.needs(names[i + 1] + version, names[i], ">=" + std::to_string(v - 1));
    }
  }
  for (const auto& name : names) lab.goal(name + " 6.0.0");
  const auto best = lab.ask();
  REQUIRE(best->verdict == Verdict::found);
  CHECK(best->least());
  CHECK(best->cost.reboots == 21);
  int plans = 0;
  for (std::uint64_t limit = 1; limit < 2 * best->counts.expansions; limit += limit / 4 + 1) {
    CAPTURE(limit);
    Options options;
    options.limits.expansions = limit;
    const auto answer = lab.ask(options);
    REQUIRE(answer->verdict != Verdict::none);
    CHECK(answer->counts.expansions <= limit);
    if (answer->verdict == Verdict::gave_up) continue;
    ++plans;
    CHECK(answer->at_least <= best->cost);
    CHECK(best->cost <= answer->cost);
  }
  CHECK(plans > 0);
}

TEST_CASE("the caller can stop the search, and the same problem always gets the same plan") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_late, "1.0.0 2.0.0");
  lab.goal("app 2.0.0").goal("radio 2.0.0").needs("app 2.0.0", "radio", ">=2");
  CHECK(lab.ask()->plan.steps == lab.ask()->plan.steps);
  Options options;
  options.limits.stop = [] { return true; };
  CHECK(lab.plan(options) == "gave up");
}

TEST_CASE("of equal ways the one with fewer bytes is taken") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.4.0 1.5.0 2.0.0").goal("app 2.0.0").from("app 2.0.0", ">=1.4.0");
  lab.record("app 1.5.0").bytes = 2000;
  CHECK(lab.plan() == "stage app 1.4.0, activate app 1.4.0, confirm app 1.4.0, " + std::string(to_app_2));
}

TEST_CASE("problems that are none are refused with what is wrong") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("phone", Kind::app, "1.0.0 2.0.0");
  const auto why = [&] {
    const auto answer = lab.ask();
    CHECK_FALSE(answer);
    return answer ? std::string() : answer.error().what;
  };
  SUBCASE("version") {
    lab.start("app").active = 7;
    CHECK(why() == "the start of app is no version of it");
  }
  SUBCASE("torn") {
    lab.start("app").active = model::torn;
    CHECK(why() == "the start of app is torn, but it has two slots");
  }
  SUBCASE("trial") {
    lab.start("app").trial = true;
    CHECK(why() == "the start of app is on trial without a fallback");
  }
  SUBCASE("stuck") {
    lab.stuck("phone 2.0.0");
    CHECK(why() == "phone 2.0.0 is stuck, but not in use");
  }
  SUBCASE("self") {
    lab.needs("app 1.0.0", "app", "*");
    CHECK(why() == "app 1.0.0 requires something of itself");
  }
  SUBCASE("size") {
    lab.problem().goal.versions.pop_back();
    CHECK(why() == "start and goal must speak of each component of the catalogue");
  }
}

}  // namespace lockstep::plan
