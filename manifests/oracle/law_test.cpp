// Decisions in manifests/model/state.hpp that one could read past: the planner, the checker, the search of every state and
// clingo have all read them the same way.
#include <doctest/doctest.h>

#include <fstream>

#include "host/base/temp_dir.hpp"
#include "manifests/check/check.hpp"
#include "manifests/oracle/clingo.hpp"
#include "manifests/oracle/facts.hpp"
#include "manifests/oracle/search.hpp"
#include "manifests/plan/sample.hpp"

namespace lockstep::oracle {
namespace {

using model::Kind;
using model::When;
using plan::sample::Lab;

constexpr std::size_t most_steps = 8;

// The plan in words, on which all four agree.
std::string agreed(Lab& lab) {
  const model::Problem& problem = lab.problem();
  const std::string words = lab.plan();
  const auto answer = lab.ask();
  REQUIRE(answer);
  const bool found = answer->verdict == plan::Verdict::found;
  if (found) {
    const auto certified = check::check(lab.catalogue(), answer->plan);
    CHECK_MESSAGE(certified, (certified ? "" : check::text(lab.catalogue(), answer->plan, certified.error())));
  }
  const auto searched = solve(problem);
  REQUIRE(searched.has_value() == found);
  if (found) CHECK(searched->cost == answer->cost);

  const TempDir folder;
  std::ofstream(folder / "instance.lp")
      << facts({0, lab.catalogue(), problem.board, problem.start, problem.goal, problem.bans, problem.stuck});
  const Clingo clingo = ask_clingo(LOCKSTEP_SOURCE_DIR "/manifests/oracle/plan.lp", folder / "instance.lp", most_steps);
  CAPTURE(clingo.said);
  REQUIRE(clingo.how == (found ? Clingo::How::least : Clingo::How::none));
  if (found) CHECK(clingo.cost == answer->cost);
  return words;
}

Lab app_and_radio() {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::single, "1.0.0 2.0.0");
  return lab;
}

constexpr std::string_view to_app_2 = "stage app 2.0.0, activate app 2.0.0, confirm app 2.0.0";

}  // namespace

TEST_CASE("what is torn at the start asks nothing, is asked nothing, and is repaired only when the goal wants it") {
  Lab lab = app_and_radio();
  lab.start("radio").active = model::torn;
  lab.needs("radio 1.0.0", "app", "<1").needs("app 2.0.0", "radio", ">=2").goal("app 2.0.0");
  CHECK(agreed(lab) == to_app_2);

  // Any version that can be written there will do, from whatever it was.
  Lab goal = app_and_radio();
  goal.start("radio").active = model::torn;
  goal.from("radio 2.0.0", "=1.0.0").goal("radio 2.0.0");
  CHECK(agreed(goal) == "activate radio 2.0.0");

  // But nothing is written with its help.
  Lab helper = app_and_radio();
  helper.start("radio").active = model::torn;
  helper.needs("app 2.0.0", "radio", "*", When::during_flash).goal("app 2.0.0");
  CHECK(agreed(helper) == "activate radio 2.0.0, " + std::string(to_app_2));
}

TEST_CASE("of a service with several versions alive each one asks and is asked, and a roll ends that") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("cloud", Kind::service, "1.0.0 2.0.0 3.0.0");
  lab.start("cloud").alive = {0, 1};
  lab.needs("app 2.0.0", "cloud", ">=2").goal("app 2.0.0");
  CHECK(agreed(lab) == "roll cloud 2.0.0, " + std::string(to_app_2));
  lab.goal("cloud 1.0.0");
  CHECK(agreed(lab) == "no plan");
  lab.goal("cloud 3.0.0").needs("cloud 3.0.0", "app", ">=2");
  CHECK(agreed(lab) == "roll cloud 2.0.0, " + std::string(to_app_2) + ", roll cloud 3.0.0");
  lab.goal("cloud 2.0.0").stuck("cloud 2.0.0");
  CHECK(agreed(lab) == "roll cloud 2.0.0, " + std::string(to_app_2));
  lab.stuck("cloud 1.0.0");
  CHECK(agreed(lab) == "no plan");

  Lab bad;
  bad.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("cloud", Kind::service, "1.0.0 2.0.0");
  bad.start("cloud").alive = {0, 1};
  bad.needs("cloud 2.0.0", "app", ">=2").goal("app 2.0.0");
  CHECK(agreed(bad) == "no plan: bad start");
}

TEST_CASE("one slot is rewritten with its own version only from where that version may come") {
  Lab lab;
  lab.component("radio", Kind::single, "1.0.0 2.0.0").goal("radio 2.0.0");
  lab.record("radio 1.0.0").data = {.reads_lowest = 0, .reads_highest = 1, .writes = 1, .at_boot = true};
  lab.record("radio 2.0.0").data = {.reads_lowest = 1, .reads_highest = 1};
  CHECK(agreed(lab) == "activate radio 1.0.0, activate radio 2.0.0");
  lab.from("radio 1.0.0", ">=2.0.0");
  CHECK(agreed(lab) == "finalise radio 1.0.0, activate radio 2.0.0");
}

TEST_CASE("a move of the data that one version may not make again in one slot is made by another one") {
  // The first two differ only in where they may come from.
  Lab lab;
  lab.component("radio", Kind::single, "1.0.0 1.1.0 2.0.0").goal("radio 2.0.0");
  lab.record("radio 1.0.0").data = lab.record("radio 1.1.0").data = {.reads_lowest = 0, .reads_highest = 1, .writes = 1, .at_boot = true};
  lab.record("radio 2.0.0").data = {.reads_lowest = 1, .reads_highest = 1};
  lab.from("radio 1.0.0", ">=2.0.0");
  CHECK(agreed(lab) == "activate radio 1.1.0, activate radio 2.0.0");
}

TEST_CASE("a version that moves the data when it boots must read those that it finds") {
  for (const Kind kind : {Kind::ab_trial, Kind::ab_late, Kind::single}) {
    CAPTURE(static_cast<int>(kind));
    Lab lab;
    lab.component("app", kind, "1.0.0 2.0.0").goal("app 2.0.0");
    lab.record("app 1.0.0").data = {.reads_lowest = 0, .reads_highest = 1};
    lab.record("app 2.0.0").data = {.reads_lowest = 0, .reads_highest = 1, .writes = 1, .at_boot = true};
    CHECK(agreed(lab) == (kind == Kind::single ? "activate app 2.0.0" : to_app_2));
    lab.record("app 2.0.0").data.reads_lowest = 1;
    CHECK(agreed(lab) == "no plan");
  }
}

TEST_CASE("a one-way mark makes no plan better or worse") {
  Lab lab = app_and_radio();
  lab.goal("app 2.0.0").goal("radio 2.0.0").needs("radio 2.0.0", "app", ">=2");
  const std::string plain = agreed(lab);
  lab.record("app 2.0.0").one_way = lab.record("radio 2.0.0").one_way = true;
  CHECK(agreed(lab) == plain);
}

TEST_CASE("what the device does not have is in no range, and demands nothing itself") {
  Lab lab = app_and_radio();
  lab.start("radio").active = model::none;
  lab.needs("radio 1.0.0", "app", "<1").needs("radio 2.0.0", "app", "<1").goal("app 2.0.0");
  CHECK(agreed(lab) == to_app_2);
  for (const When when : {When::active, When::installed, When::during_flash}) {
    CAPTURE(static_cast<int>(when));
    Lab asks = lab;
    CHECK(agreed(asks.needs("app 2.0.0", "radio", "*", when)) == "no plan");
    // Of what is there already: a state that is never good, or that only cannot be come to again.
    Lab there = lab;
    CHECK(agreed(there.needs("app 1.0.0", "radio", "*", when)) == (when == When::during_flash ? to_app_2 : "no plan: bad start"));
  }
}

TEST_CASE("what the device does not have is neither written nor written through, and no goal of it is reached") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("boot", Kind::single, "1.0.0 2.0.0");
  lab.component("radio", Kind::single, "1.0.0 2.0.0").goal("app 2.0.0");
  lab.start("boot").active = model::none;
  CHECK(agreed(lab) == to_app_2);
  Lab asked = lab;
  CHECK(agreed(asked.goal("boot 1.0.0")) == "no plan");
  // The way of one is one step long: that radio cannot be written is nothing to app.
  lab.of("app").via = 2;
  lab.of("radio").via = 1;
  CHECK(agreed(lab) == to_app_2);
  Lab radio = lab;
  CHECK(agreed(radio.goal("radio 2.0.0")) == "no plan");
  CHECK(agreed(radio.goal("radio 1.0.0")) == to_app_2);
  lab.of("app").via = 1;
  CHECK(agreed(lab) == "no plan");
}

TEST_CASE("a late fallback is not live when what went away could not be written again without what the device lacks") {
  for (const bool through : {true, false}) {
    CAPTURE(through);
    Lab lab;
    lab.component("app", Kind::ab_late, "1.0.0 2.0.0").component("boot", Kind::single, "1.0.0").goal("app 2.0.0");
    lab.start("app").active = 1;
    lab.start("boot").active = model::none;
    if (through) lab.of("app").via = 1;
    else lab.needs("app 2.0.0", "boot", "*", When::during_flash);
    CHECK(agreed(lab) == "nothing to do");
    lab.start("app").fallback = 0;
    CHECK(agreed(lab) == "no plan: bad start");
  }
}

TEST_CASE("what is in a slot wants what the device lacks as soon as it is there") {
  Lab lab = app_and_radio();
  lab.start("radio").active = model::none;
  lab.needs("app 1.0.0", "radio", "*", When::installed).goal("app 2.0.0");
  lab.start("app").active = 1;
  CHECK(agreed(lab) == "nothing to do");
  lab.start("app").staged = 0;
  CHECK(agreed(lab) == "no plan: bad start");
}

TEST_CASE("of what the device does not have nothing else can be said") {
  for (const auto say : {+[](model::Part& p) { p.counter = 1; }, +[](model::Part& p) { p.epoch = 1; },
                         +[](model::Part& p) { p.fallback = 0; }, +[](model::Part& p) { p.staged = 0; },
                         +[](model::Part& p) { p.trial = true; }, +[](model::Part& p) { p.alive = {0}; }}) {
    Lab lab = app_and_radio();
    lab.start("app").active = model::none;
    const model::Problem& problem = lab.problem();
    CHECK(agreed(lab) == "nothing to do");
    say(lab.start("app"));
    CHECK_FALSE(lab.ask());
    CHECK_FALSE(solve(problem));
    CHECK_FALSE(check::check(lab.catalogue(), {problem.board, problem.start, problem.goal, {}, {}}));
  }
}

TEST_CASE("a stepping stone that wants what the device lacks is passed by, however small it is") {
  for (const When when : {When::active, When::installed, When::during_flash}) {
    CAPTURE(static_cast<int>(when));
    Lab lab;
    lab.component("app", Kind::ab_trial, "1.0.0 1.1.0 1.2.0 2.0.0").component("radio", Kind::single, "1.0.0 2.0.0");
    lab.record("app 1.2.0").bytes = 1;
    lab.start("radio").active = model::none;
    lab.from("app 2.0.0", "1.1.0 || 1.2.0").needs("app 1.2.0", "radio", "*", when).goal("app 2.0.0");
    CHECK(agreed(lab) == "stage app 1.1.0, activate app 1.1.0, confirm app 1.1.0, " + std::string(to_app_2));
  }
}

TEST_CASE("software wants what the device lacks while it is in use") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0").component("cloud", Kind::service, "1.0.0 2.0.0 3.0.0");
  lab.start("app").active = model::none;
  lab.needs("cloud 2.0.0", "app", ">=1").goal("cloud 3.0.0");
  CHECK(agreed(lab) == "roll cloud 3.0.0");
  lab.goal("cloud 2.0.0");
  CHECK(agreed(lab) == "no plan");
}

TEST_CASE("software in use is installed, and is never written") {
  for (const When when : {When::active, When::installed, When::during_flash}) {
    CAPTURE(static_cast<int>(when));
    Lab lab;
    lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile", Kind::app, "1.0.0 2.0.0");
    lab.goal("app 2.0.0").goal("mobile 2.0.0").needs("mobile 2.0.0", "app", ">=2", when);
    lab.needs("app 2.0.0", "mobile", ">=2");
    CHECK(agreed(lab) == (when == When::during_flash ? "publish mobile 2.0.0, retire mobile 1.0.0, " + std::string(to_app_2) : "no plan"));
  }
}

}  // namespace lockstep::oracle
