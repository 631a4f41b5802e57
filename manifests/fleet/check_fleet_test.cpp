// What the checker says to schedules that name somebody wrongly, or not at all.
#include "manifests/fleet/check_fleet.hpp"

#include "manifests/fleet/sample.hpp"

namespace lockstep::fleet {
namespace {

using How = Left::How;
using plan::sample::Lab;
using sample::bridge;
using sample::Town;

std::string refusal(Town& town, const Schedule& schedule) {
  const auto good = check_fleet(town.fleet(), schedule);
  return good ? "" : good.error().why;
}

Left& of(Schedule& schedule, How how) {
  for (Left& l : schedule.left) {
    if (l.how == how) return l;
  }
  FAIL("nobody is named so");
  return schedule.left[0];
}

TEST_CASE("a sleeper whose people's version is ended is named, and so are people who stay, or the schedule is refused") {
  Town town(bridge());
  town.device("gw-1", 40);
  town.uses(town.asleep("cellar-3"), "mobile-app 4.0.0");
  town.adopted("mobile-app 4.0.0", 100, 6);
  town.fleet().percent = 94;
  Schedule schedule = town.plan({.may_strand = 1}).schedule;
  REQUIRE(schedule.stages.size() == 4);

  Schedule silent = schedule;
  std::erase_if(silent.left, [](const Left& l) { return l.how == How::unserved && l.device; });
  CHECK(refusal(town, silent) == "cellar-3 are asleep with the version that is ended, and not named");

  std::erase_if(schedule.left, [](const Left& l) { return l.how == How::unserved && !l.device; });
  CHECK(refusal(town, schedule).empty());  // so few may be passed over
  town.fleet().percent = 95;
  CHECK(refusal(town, schedule) == "more people stay on it than may, and they are not named");
}

TEST_CASE("who sleeps is named and counted, and nobody else is called asleep") {
  Town town(bridge());
  town.device("gw-1", 40);
  Device& sleeper = town.asleep("cellar-3");
  sleeper.count = 2;
  const Schedule schedule = town.plan().schedule;
  REQUIRE(schedule.left.size() == 1);

  Schedule wrong = schedule;
  wrong.left.clear();
  CHECK(refusal(town, wrong) == "cellar-3 and 1 more are asleep, and not named");
  wrong = schedule;
  wrong.left[0].count = 1;
  CHECK(refusal(town, wrong) == "somebody is counted wrongly");
  town.fleet().devices[1].offline = false;
  CHECK(refusal(town, schedule) == "cellar-3 and 1 more are not asleep");
}

TEST_CASE("that a sleeper can go when it wakes is proved by its plan") {
  Town town(bridge());
  town.device("gw-1", 40);
  town.asleep("cellar-3");
  const Schedule schedule = town.plan().schedule;
  CHECK(town.left() == "asleep cellar-3: safe as it was last seen, at every stage; it can go when it wakes");

  Schedule wrong = schedule;
  of(wrong, How::asleep).later.steps.pop_back();
  of(wrong, How::asleep).later.after.pop_back();
  CHECK(refusal(town, wrong).starts_with("cellar-3, when awake: "));
  wrong = schedule;
  of(wrong, How::asleep).later = {};
  CHECK(refusal(town, wrong).starts_with("cellar-3, when awake: "));
  wrong = schedule;
  wrong.stages.clear();  // then the old app is still in use when it wakes
  CHECK(refusal(town, wrong) == "cellar-3, when awake: the plan starts elsewhere");
}

TEST_CASE("a sleeper for which there will be no way is not promised one") {
  Lab lab = bridge();
  lab.from("app 2.0.0", ">=1.5.0");
  Town town(std::move(lab));
  town.asleep("cellar-3");
  town.plan();
  CHECK_MESSAGE(town.left().starts_with("blocked cellar-3: safe as it was last seen, at every stage; asleep, and when it wakes there is no way for it: "),
                town.left());
  CHECK_MESSAGE(town.left().ends_with("no way for it: app 2.0.0 comes directly only from >=1.5.0"), town.left());
}

TEST_CASE("what people must do before a sleeper can go is said, and that people stay on what would have to end") {
  Town town(bridge());
  town.asleep("cellar-3");
  town.plan();
  CHECK(town.left() ==
        "asleep cellar-3: safe as it was last seen, at every stage; when it wakes it can go, with publish mobile-app 4.1.0, "
        "retire mobile-app 4.0.0 on the way");
  town.adopted("mobile-app 4.0.0", 20, 20);
  town.plan();
  CHECK_MESSAGE(town.left().find("when it wakes there is no way for it") != std::string::npos, town.left());

  Town there(bridge());
  there.has(there.asleep("cellar-4"), "app 2.0.0");
  there.fleet().alive[1] = {1};
  there.plan();
  CHECK(there.left() == "asleep cellar-4: safe as it was last seen, at every stage; it has what it should");
}

}  // namespace
}  // namespace lockstep::fleet
