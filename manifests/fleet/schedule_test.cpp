#include "manifests/fleet/schedule.hpp"

#include "manifests/fleet/sample.hpp"

namespace lockstep::fleet {
namespace {

using model::Kind;
using plan::sample::Lab;
using sample::bridge;
using sample::Town;

TEST_CASE("a bridge app comes first, and devices wait until its predecessor is left") {
  Town town(bridge());
  town.device("gw-1", 40);
  CHECK(town.stages() == "expand mobile-app 4.1.0 | wait mobile-app 4.0.0 | contract mobile-app 4.0.0 | migrate gw-1: activate app 2.0.0");
  const auto& stages = town.answer().schedule.stages;
  CHECK(stages[1].why.starts_with("while it is in use, stage 4 would not be safe for gw-1 and 39 more: "));
  CHECK(stages[1].why.find("requires") != std::string::npos);
  CHECK(stages[0].why.starts_with("without it gw-1 and 39 more: "));
  CHECK(town.answer().schedule.left.empty());
  CHECK(town.answer().sure);
}

TEST_CASE("an app that only the new firmware knows comes after the last device, and the bridge goes last") {
  Lab lab = bridge();
  lab.goal("mobile-app 5.0.0");
  Town town(std::move(lab));
  town.device("gw-1");
  town.has(town.device("gw-2"), "app 2.0.0");
  // gw-2 has firmware 2 while mobile-app 4.0 is in use: that is not safe already now.
  CHECK(town.stages().empty() == false);
  CHECK(town.left().starts_with("broken gw-2: already now: "));
  CHECK(town.stages() ==
        "expand mobile-app 4.1.0 | wait mobile-app 4.0.0 | contract mobile-app 4.0.0 | migrate gw-1: activate app 2.0.0 | "
        "expand mobile-app 5.0.0 | wait mobile-app 4.1.0 | contract mobile-app 4.1.0");
}

TEST_CASE("nobody waits for adoption when nothing needs it") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "4.0.0 4.1.0");
  lab.goal("app 2.0.0");
  Town town(std::move(lab));
  town.device("gw-1");
  CHECK(town.stages() == "migrate gw-1: activate app 2.0.0");
}

TEST_CASE("two services are rolled in the order that devices and they themselves allow") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("auth", Kind::service, "1.0.0 2.0.0");
  lab.component("backend", Kind::service, "1.0.0 2.0.0");
  lab.needs("app 2.0.0", "backend", ">=2.0.0").needs("backend 2.0.0", "auth", ">=2.0.0").needs("app 1.0.0", "auth", "*");
  lab.goal("app 2.0.0");
  Town town(std::move(lab));
  town.device("gw-1");
  CHECK(town.stages() == "expand auth 2.0.0 | expand backend 2.0.0 | migrate gw-1: activate app 2.0.0");
  CHECK(town.answer().schedule.stages[0].why.find("backend 2.0.0 requires auth >=2.0.0") != std::string::npos);
}

TEST_CASE("devices of different versions go in one order, a stepping stone between two apps") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0 3.0.0").component("mobile-app", Kind::app, "1.0.0 2.0.0 3.0.0");
  lab.needs("mobile-app 1.0.0", "app", "<3.0.0").needs("mobile-app 2.0.0", "app", "<=3.0.0").needs("mobile-app 3.0.0", "app", ">=2.0.0");
  lab.needs("app 3.0.0", "mobile-app", ">=3.0.0").needs("app 1.0.0", "mobile-app", "<3.0.0");
  lab.from("app 3.0.0", ">=2.0.0").goal("app 3.0.0");
  Town town(std::move(lab));
  town.device("old", 5);
  town.has(town.device("new", 7), "app 2.0.0");
  CHECK(town.stages() == "migrate old: activate app 2.0.0 | expand mobile-app 3.0.0 | wait mobile-app 1.0.0 | contract mobile-app 1.0.0 | "
                         "migrate new: activate app 3.0.0; old: activate app 3.0.0");
}

TEST_CASE("an app cannot be ended because of a device that sleeps, which is named") {
  Town town(bridge());
  town.device("gw-1", 40);
  town.uses(town.asleep("cellar-3"), "mobile-app 4.0.0");
  CHECK(town.stages().empty());
  CHECK(town.left().find("asleep cellar-3: safe as it was last seen") != std::string::npos);
  CHECK(town.left().find("blocked gw-1 and 39 more: not together with cellar-3 (asleep, last seen with mobile-app 4.0.0)") != std::string::npos);
  REQUIRE(town.answer().price.size() == 1);
  CHECK(town.answer().price[0].how == Left::How::unserved);
  CHECK(town.answer().price[0].count == 1);

  // It is allowed to leave one behind: it is named, with the stage.
  CHECK(town.stages({.may_strand = 1}) ==
        "expand mobile-app 4.1.0 | wait mobile-app 4.0.0 | contract mobile-app 4.0.0 | migrate gw-1: activate app 2.0.0");
  CHECK(town.left().find("unserved cellar-3: mobile-app 4.0.0 is ended, and they were last seen with it") != std::string::npos);
  CHECK(town.answer().schedule.left[1].stage == 3);
}

TEST_CASE("an app that a sleeping device does not know is not published, and the device is named") {
  Lab lab = bridge();
  lab.goal("mobile-app 5.0.0");
  Town town(std::move(lab));
  town.device("gw-1", 40);
  town.asleep("cellar-3");
  CHECK(town.stages() == "expand mobile-app 4.1.0 | wait mobile-app 4.0.0 | contract mobile-app 4.0.0 | migrate gw-1: activate app 2.0.0");
  REQUIRE(town.answer().schedule.unmet.size() == 1);
  CHECK(town.answer().schedule.unmet[0].why ==
        "not together with cellar-3 (asleep, as last seen): cellar-3: mobile-app 5.0.0 requires app >=2.0.0, but app 1.0.0 is active");
  CHECK(town.stages({.may_strand = 1}).ends_with("expand mobile-app 5.0.0 | wait mobile-app 4.1.0 | contract mobile-app 4.1.0"));
  CHECK(town.left().starts_with("stranded cellar-3: cellar-3: mobile-app 5.0.0 requires app"));
}

TEST_CASE("people who will stay on an old app hold it, unless they are few enough; either way they are said") {
  Town town(bridge());
  town.device("gw-1", 1000);
  town.adopted("mobile-app 4.0.0", 1000, 60);
  town.fleet().percent = 98;
  CHECK(town.stages().empty());
  CHECK(town.left() == "blocked gw-1 and 999 more: not together with 60 people who stay on mobile-app 4.0.0");
  town.fleet().percent = 94;
  CHECK(!town.stages().empty());
  CHECK(town.left() == "unserved 60 people: mobile-app 4.0.0 is ended, and they will stay on it; they are within the 6 % that may");
}

TEST_CASE("without a schedule the reason is said with the lines of the manifests") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "4.0.0 4.1.0");
  lab.needs("app 2.0.0", "mobile-app", ">=5.0.0").goal("app 2.0.0");
  lab.record("app 2.0.0").needs[0].at = {"two.xml", 19};
  Town town(std::move(lab));
  town.device("gw-1", 40);
  CHECK(town.stages().empty());
  CHECK(town.left().starts_with("blocked gw-1 and 39 more: app 2.0.0 requires mobile-app >=5.0.0 (two.xml:19)"));
}

TEST_CASE("two kinds of devices that need different apps are not both moved, and each is named") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0 3.0.0").component("mobile-app", Kind::app, "1.0.0 2.0.0 3.0.0");
  lab.needs("app 2.0.0", "mobile-app", "2.0.0").needs("app 3.0.0", "mobile-app", "3.0.0");
  Town town(std::move(lab));
  const auto aim = [&](Device& d, model::Index v) { d.goal.versions[0] = v; };
  aim(town.device("many", 9), 1);
  aim(town.device("few", 2), 2);
  CHECK(town.stages() == "expand mobile-app 2.0.0 | wait mobile-app 1.0.0 | contract mobile-app 1.0.0 | migrate many: activate app 2.0.0");
  CHECK(town.left() == "blocked few and 1 more: not together with many and 8 more on their way");
}

TEST_CASE("finalising waits until all devices are there") {
  Lab lab = bridge();
  lab.record("app 2.0.0").security_counter = 2;
  Town town(std::move(lab));
  town.device("gw-1");
  town.device("gw-2");
  CHECK(town.stages({.finalise = true}) ==
        "expand mobile-app 4.1.0 | wait mobile-app 4.0.0 | contract mobile-app 4.0.0 | migrate gw-1: activate app 2.0.0; gw-2: activate app 2.0.0 | "
        "finalise gw-1: finalise app 2.0.0; gw-2: finalise app 2.0.0");
}

}  // namespace
}  // namespace lockstep::fleet
