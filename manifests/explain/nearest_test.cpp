#include "manifests/explain/nearest.hpp"

#include <doctest/doctest.h>

#include "manifests/explain/sample.hpp"

namespace lockstep::explain {
namespace {

using model::Kind;
using sample::Lab;

}  // namespace

TEST_CASE("the nearest goal has most of what was asked for, and the newest of the rest") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 1.8.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0 2.0.0").component("mobile-app", Kind::app, "5.0.0");
  lab.needs("app 2.0.0", "mobile-app", ">=6.0.0").goal("app 2.0.0").goal("radio 2.0.0");
  const auto out = nearest(lab.problem());
  REQUIRE(out);
  REQUIRE(*out);
  CHECK((*out)->missed == std::vector<Index>{0});
  CHECK(sample::joined(text(lab.problem(), **out)) == "app 1.8.0 instead of 2.0.0\nradio 2.0.0 can be reached\n");
  CHECK(check::check(lab.catalogue(), (*out)->plan));
}

TEST_CASE("from a bad start nothing is near") {
  Lab lab;
  lab.component("app", Kind::ab_trial, "1.0.0 2.0.0").component("radio", Kind::ab_trial, "1.0.0");
  lab.needs("app 1.0.0", "radio", ">=2.0.0").goal("app 2.0.0");
  const auto out = nearest(lab.problem());
  REQUIRE(out);
  CHECK_FALSE(*out);
}

TEST_CASE("random products: the nearest is reached, and no larger part of the goal is") {
  int partly = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const oracle::Instance instance = oracle::draw(seed);
    const model::Problem problem = instance.problem();
    CAPTURE(seed);
    const auto out = nearest(problem);
    REQUIRE(out);
    if (!*out) continue;
    const Nearest& near = **out;
    CHECK(near.known);
    CHECK(check::check(instance.catalogue, near.plan));
    CHECK(near.missed.empty() == (sample::verdict(problem) == plan::Verdict::found));
    partly += !near.missed.empty();
    for (std::size_t n = 0; n < near.missed.size(); ++n) {
      const std::size_t i = static_cast<std::size_t>(near.missed[n]);
      model::Problem more = problem;
      for (const Index m : near.missed) more.goal.versions[static_cast<std::size_t>(m)] = model::none;
      more.goal.versions[i] = problem.goal.versions[i];
      CHECK(sample::verdict(more) == plan::Verdict::none);
      // And of the last one that it had to give way on, no newer version.
      if (n + 1 != near.missed.size()) continue;
      more.goal = near.plan.goal;
      more.goal.versions[i] = near.plan.goal.versions[i] + 1;
      CHECK(sample::verdict(more) == plan::Verdict::none);
    }
  }
  MESSAGE(partly << " partly reached");
  CHECK(partly > 30);
}

}  // namespace lockstep::explain
