#include "manifests/explain/mend.hpp"

#include <doctest/doctest.h>

#include "manifests/explain/sample.hpp"
#include "manifests/oracle/search.hpp"

namespace lockstep::explain {
namespace {

using model::Kind;
using sample::Lab;

// "retire mobile-app 4.0.0; roll backend 2.0.0"
std::string ways(const model::Problem& problem) {
  std::string out;
  for (const Mend& mend : mends(problem)) {
    out += out.empty() ? "" : "; ";
    for (const model::Step& step : mend) out += (&step == &mend.front() ? "" : ", ") + text(*problem.catalogue, step);
  }
  return out;
}

// The app wants a mobile-app that only some people have.
Lab two_apps() {
  Lab lab;
  lab.component("app", Kind::single, "1.0.0").component("mobile-app", Kind::app, "4.0.0 5.0.0");
  lab.needs("app 1.0.0", "mobile-app", ">=5.0.0").goal("app 1.0.0");
  lab.start("mobile-app").alive = {0, 1};
  return lab;
}

}  // namespace

TEST_CASE("a start that is not safe is mended by one change of what breaks the rule, or of what it is about") {
  CHECK(ways(two_apps().problem()) == "retire mobile-app 4.0.0");

  Lab service;
  service.component("app", Kind::single, "1.0.0 2.0.0").component("backend", Kind::service, "1.0.0 2.0.0");
  service.needs("app 2.0.0", "backend", ">=2.0.0").start("app").active = 1;
  CHECK(ways(service.problem()) == "activate app 1.0.0; roll backend 2.0.0");
  service.goal("app 2.0.0").ban("app 1.0.0");
  CHECK(ways(service.problem()) == "roll backend 2.0.0");
}

TEST_CASE("nobody is asked to take away what people keep, or to use what is banned") {
  Lab lab = two_apps();
  lab.stuck("mobile-app 4.0.0");
  CHECK(ways(lab.problem()).empty());
  CHECK(text(lab.problem(), mends(lab.problem())) ==
        "no change of one component mends it: change by hand what is named here, and ask again");
}

TEST_CASE("an app is mended by a version that comes and the others that go") {
  Lab lab = two_apps();
  lab.start("mobile-app").alive = {0};
  CHECK(ways(lab.problem()) == "publish mobile-app 5.0.0, retire mobile-app 4.0.0");
  lab.ban("mobile-app 5.0.0");
  CHECK(ways(lab.problem()).empty());
}

TEST_CASE("what is on trial is confirmed when it must not go back, and a late fallback is finalised away") {
  Lab trial;
  trial.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::single, "1.0.0 2.0.0");
  trial.needs("app 1.0.0", "radio", "<2.0.0").start("radio").active = 1;
  trial.start("app") = {.active = 1, .fallback = 0, .trial = true, .alive = {}};
  CHECK(ways(trial.problem()) == "confirm app 2.0.0; activate radio 1.0.0");

  Lab late;
  late.component("app", Kind::ab_late, "1.0.0 2.0.0").component("radio", Kind::single, "2.0.0");
  late.needs("app 1.0.0", "radio", "<2.0.0").start("app") = {.active = 1, .fallback = 0, .alive = {}};
  CHECK(ways(late.problem()) == "stage app 2.0.0; stage app 1.0.0; finalise app 2.0.0");
}

TEST_CASE("a change that would break something else meanwhile is none") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0 3.0.0").component("radio", Kind::ab_trial, "1.0.0");
  lab.component("fpga", Kind::single, "1.0.0");
  lab.needs("app 1.0.0", "radio", ">=2.0.0").goal("app 3.0.0");
  CHECK(ways(lab.problem()) ==
        "stage app 3.0.0, activate app 3.0.0, confirm app 3.0.0; stage app 2.0.0, activate app 2.0.0, confirm app 2.0.0");
  lab.needs("app 3.0.0", "fpga", ">=2.0.0", model::When::installed).from("app 2.0.0", ">=1.5.0");
  CHECK(ways(lab.problem()).empty());
}

TEST_CASE("random products: each mend can be done and ends well, as the other reading of the model says") {
  int bad = 0, mended = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    const oracle::Instance instance = oracle::draw(seed, {.hopeless = 1});
    const model::Problem problem = instance.problem();
    const model::Plan nothing{instance.board, instance.start, {std::vector<model::Index>(instance.goal.versions.size(), model::none)}, {}, {}};
    const std::vector<Mend> found = mends(problem);
    CAPTURE(seed);
    if (oracle::is_good(instance.catalogue, nothing)) {
      CHECK(found.empty());
      continue;
    }
    ++bad;
    mended += found.empty() ? 0 : 1;
    for (const Mend& mend : found) {
      CAPTURE(text(problem, {&mend, 1}));
      model::Plan end = nothing;
      for (const model::Step& step : mend) {
        const auto next = oracle::after(instance.catalogue, instance.board, end.start, step);
        REQUIRE(next);
        end.start = *next;
      }
      CHECK(oracle::is_good(instance.catalogue, end));
    }
  }
  MESSAGE(bad << " bad starts, " << mended << " mended by one change");
  CHECK(mended > 50);
}

}  // namespace lockstep::explain
