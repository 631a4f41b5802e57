#include "manifests/explain/impossible.hpp"

#include <doctest/doctest.h>

#include <map>

#include "manifests/explain/relax_by_hand.hpp"
#include "manifests/explain/sample.hpp"

namespace lockstep::explain {
namespace {

using model::Kind;
using model::When;
using plan::Verdict;
using sample::Lab;

Impossible why(Lab& lab) {
  sample::number_lines(lab.catalogue());
  const auto out = why_impossible(lab.problem());
  REQUIRE(out);
  return *out;
}

std::string words(Lab& lab) {
  const Impossible out = why(lab);
  return sample::joined(text(lab.problem(), out));
}

// All of them leave no way; without any one, and without all that is not among them, there is one: says the planner with
// our own relaxed problems, and the search of every state with problems that were edited by hand.
void check_minimal(const model::Problem& problem, const Impossible& out) {
  const std::vector<Constraint> all = sample::constraints_of(out.causes);
  CHECK(sample::verdict(only(problem, all).problem) == Verdict::none);
  CHECK_FALSE(by_hand::has_plan_with_only(problem, all));
  for (std::size_t n = 0; n < all.size(); ++n) {
    std::vector<Constraint> fewer = all;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(n));
    CHECK(sample::verdict(only(problem, fewer).problem) == Verdict::found);
    CHECK((sample::verdict(without(problem, {&all[n], 1}).problem) == Verdict::found) == out.causes[n].enough);
    CHECK(by_hand::has_plan_with_only(problem, fewer));
    CHECK(by_hand::has_plan_without(problem, all[n]) == out.causes[n].enough);
  }
}

}  // namespace

TEST_CASE("two requirements that exclude each other are the whole reason") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "5.0.0 5.2.0");
  lab.component("radio", Kind::ab_trial, "1.0.0 2.0.0 3.0.0");  // has nothing to do with it
  lab.needs("app 2.0.0", "mobile-app", ">=5.2.0").needs("mobile-app 5.2.0", "app", ">=2.0.0").needs("radio 3.0.0", "app", ">=1.0.0");
  lab.goal("app 2.0.0").goal("radio 3.0.0");
  CHECK(words(lab) ==
        "app 2.0.0 requires mobile-app >=5.2.0 (app.xml:5): without this one there is a plan\n"
        "mobile-app 5.2.0 requires app >=2.0.0 (mobile-app.xml:5): without this one there is a plan\n"
        "Together these leave no way; take any one away, and the others do.\n");
  check_minimal(lab.problem(), why(lab));
}

TEST_CASE("a ban is cited with its reason, and so is the stone that it takes away") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.5.0 2.0.0").from("app 2.0.0", ">=1.5.0").goal("app 2.0.0").ban("app 1.5.0");
  CHECK(words(lab) ==
        "app 2.0.0 comes directly only from >=1.5.0 (app.xml:6): without this one there is a plan\n"
        "app 1.5.0 is not to be used: held: without this one there is a plan\n"
        "Together these leave no way; take any one away, and the others do.\n");
  check_minimal(lab.problem(), why(lab));
}

TEST_CASE("rules of one version alone: board, counter, stored data") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 2.0.0");
  lab.record("app 2.0.0").hardware = {{.board = "node", .revisions = sample::range(">=3")}};
  CHECK(words(lab).starts_with("app 2.0.0 is not for node revision 2.0.0 (app.xml:4): without this one there is a plan\n"));

  Lab old;
  old.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 1.0.0");
  old.start("app").active = 1;
  old.start("app").counter = 7;
  old.record("app 2.0.0").security_counter = 7;
  CHECK(words(old).starts_with("the security counter of app never falls: the device has 7, version 1.0.0 has 0 and 2.0.0 has 7"));

  Lab data;
  data.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 2.0.0");
  data.record("app 2.0.0").data.reads_lowest = 1;
  CHECK(words(data).starts_with("app 2.0.0 reads stored data of the epochs 1 to "));
}

TEST_CASE("a component that the device does not have can be a reason, and nothing in the manifests may be one") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.needs("app 2.0.0", "radio", ">=1.0.0").goal("app 2.0.0");
  lab.start("radio").active = model::none;
  CHECK(words(lab).starts_with("app 2.0.0 requires radio >=1.0.0 (app.xml:5): without this one there is a plan\n"));
  check_minimal(lab.problem(), why(lab));

  Lab absent;
  absent.component("app", Kind::ab_trial, "1.0.0 2.0.0").goal("app 2.0.0");
  absent.start("app").active = model::none;
  CHECK(words(absent) == "No steps lead there, whatever the manifests say: the device lacks a component, or cannot be left as it is.\n");
}

TEST_CASE("software that nobody can retire") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "5.0.0 5.2.0");
  lab.needs("app 2.0.0", "mobile-app", ">=5.2.0").goal("app 2.0.0").stuck("mobile-app 5.0.0");
  CHECK(words(lab) ==
        "app 2.0.0 requires mobile-app >=5.2.0 (app.xml:5): without this one there is a plan\n"
        "mobile-app 5.0.0 stays in use whatever we do: without this one there is a plan\n"
        "Together these leave no way; take any one away, and the others do.\n");
}

TEST_CASE("that a slot may start at any time is a cause where nothing can empty it") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("rootfs", Kind::ab_late, "1.0.0 2.0.0");
  lab.start("rootfs") = {.active = 1, .fallback = 0, .alive = {}};
  lab.needs("app 2.0.0", "rootfs", ">=2.0.0").goal("app 2.0.0").ban("rootfs 1.0.0").ban("rootfs 2.0.0");
  // To finalise would move the data to where 2.0.0 does not read them.
  lab.record("rootfs 2.0.0").data = {.reads_lowest = 0, .reads_highest = 0, .writes = 1};
  const std::string said = words(lab);
  CAPTURE(said);
  CHECK(said.find("app 2.0.0 requires rootfs >=2.0.0 (app.xml:5): without this one there is a plan\n") != std::string::npos);
  CHECK(said.find("rootfs may go back to its other slot at any time (rootfs.xml:2): without this one there is a plan\n") != std::string::npos);
  check_minimal(lab.problem(), why(lab));

  // With a way to empty it there is a plan, and none that is not led by the fallback.
  lab.record("rootfs 2.0.0").data.writes = std::nullopt;
  CHECK(why(lab).how == Impossible::How::possible);
}

TEST_CASE("a start that is bad already is said by its broken rule") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0");
  lab.needs("app 1.0.0", "radio", ">=2.0.0").goal("app 2.0.0");
  CHECK(why(lab).how == Impossible::How::start_is_bad);
  CHECK(words(lab) ==
        "What the device and its users have now is not safe already, so that no update may begin:\n"
        "app 1.0.0 requires radio >=2.0.0, but radio 1.0.0 is active (app.xml:4)\n"
        "a plan may not begin so, but this mends it and breaks nothing more meanwhile; do it by hand, and ask again: "
        "stage app 2.0.0, activate app 2.0.0, confirm app 2.0.0\n");
}

TEST_CASE("when the planner gave up, nothing is claimed") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "5.0.0 5.2.0");
  lab.needs("app 2.0.0", "mobile-app", ">=5.2.0").goal("app 2.0.0");
  const auto out = why_impossible(lab.problem(), {.limits = {.expansions = 0}});
  REQUIRE(out);
  CHECK(out->how == Impossible::How::unknown);
  CHECK(text(lab.problem(), *out)[0].find("nothing is known") != std::string::npos);
}

TEST_CASE("another version than the release's can be asked for") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0 3.0.0").component("radio", Kind::ab_trial, "1.0.0");
  lab.needs("app 3.0.0", "radio", ">=2.0.0").goal("app 2.0.0");
  CHECK(why(lab).how == Impossible::How::possible);
  const auto out = why_impossible(aiming_at(lab.problem(), lab.target("app 3.0.0")));
  REQUIRE(out);
  REQUIRE(out->causes.size() == 1);
  CHECK(out->causes[0].constraint.at.text() == "app.xml:6");
}

TEST_CASE("of several requirements of one version only those are causes that leave no way") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "5.0.0 5.2.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0");
  lab.needs("app 2.0.0", "radio", ">=1.0.0").needs("app 2.0.0", "mobile-app", ">=6.0.0").needs("app 2.0.0", "radio", "<=2.0.0", When::installed);
  lab.goal("app 2.0.0");
  CHECK(words(lab) ==
        "app 2.0.0 requires mobile-app >=6.0.0 (app.xml:6): without this one there is a plan\n"
        "Together these leave no way; take any one away, and the others do.\n");
  check_minimal(lab.problem(), why(lab));
}

TEST_CASE("random products in which versions have several requirements: no cause too many") {
  int impossible = 0, among_several = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    const oracle::Instance instance = oracle::draw(seed, {.fewest_components = 3, .most_states = 3'000, .edge = 1.7});
    const model::Problem problem = instance.problem();
    CAPTURE(oracle::text(instance));
    const auto out = why_impossible(problem);
    REQUIRE(out);
    if (out->how != Impossible::How::impossible) continue;
    ++impossible;
    check_minimal(problem, *out);
    for (const Cause& cause : out->causes) {
      const Constraint& c = cause.constraint;
      among_several += c.what == What::need && instance.catalogue.record(c.component, c.version).needs.size() > 1;
    }
  }
  MESSAGE(impossible << " impossible; " << among_several << " causes are one of several requirements of their version");
  CHECK(among_several > 30);
}

TEST_CASE("random products: every set of causes is minimal, by the planner without limits") {
  int impossible = 0, bad = 0;
  std::size_t most = 0;
  std::map<What, int> kinds;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const oracle::Instance instance = oracle::draw(seed);
    const model::Problem problem = instance.problem();
    CAPTURE(seed);
    const auto out = why_impossible(problem);
    REQUIRE(out);
    CHECK(out->how != Impossible::How::unknown);
    bad += out->how == Impossible::How::start_is_bad;
    if (out->how == Impossible::How::start_is_bad) CHECK_FALSE(out->broken.empty());
    if (out->how != Impossible::How::impossible) continue;
    ++impossible;
    CHECK(out->minimal);
    most = std::max(most, out->causes.size());
    for (const Cause& cause : out->causes) ++kinds[cause.constraint.what];
    check_minimal(problem, *out);
    CHECK(text(problem, *out).size() > 1);
  }
  MESSAGE(impossible << " impossible, " << bad << " with a bad start, up to " << most << " causes");
  for (const auto& [what, times] : kinds) MESSAGE("kind " << static_cast<int>(what) << ": " << times);
  CHECK(impossible > 30);
}

}  // namespace lockstep::explain
