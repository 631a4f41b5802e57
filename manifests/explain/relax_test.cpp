#include "manifests/explain/relax.hpp"

#include <doctest/doctest.h>

#include "manifests/explain/blame.hpp"
#include "manifests/explain/sample.hpp"

namespace lockstep::explain {

TEST_CASE("with all of its constraints a problem is what it was, and taking one away takes no plan away") {
  int taken = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    const oracle::Instance instance = oracle::draw(seed);
    const model::Problem problem = instance.problem();
    CAPTURE(oracle::text(instance));
    const auto answer = plan::make_plan(problem);
    REQUIRE(answer);
    const std::vector<Constraint> all = constraints(problem);
    const Relaxed same = only(problem, all);
    const auto again = plan::make_plan(same.problem);
    REQUIRE(again);
    CHECK(again->verdict == answer->verdict);
    CHECK(again->cost == answer->cost);
    if (answer->verdict != plan::Verdict::found) continue;
    CHECK(broken_by(problem, answer->plan.steps).empty());
    for (const Constraint& c : all) {
      CAPTURE(text(problem, c));
      CHECK(sample::verdict(without(problem, {&c, 1}).problem) == plan::Verdict::found);
      ++taken;
    }
  }
  CHECK(taken > 400);
}

TEST_CASE("the plan of a relaxed problem shows which constraints it breaks") {
  int blamed = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const oracle::Instance instance = oracle::draw(seed);
    const model::Problem problem = instance.problem();
    CAPTURE(oracle::text(instance));
    const auto start = check::check_state(instance.catalogue, instance.board, instance.start);
    if (!start.empty() || sample::verdict(problem) != plan::Verdict::none) continue;
    const auto easy = plan::make_plan(only(problem, {}).problem);
    REQUIRE(easy);
    if (easy->verdict != plan::Verdict::found) continue;
    const std::vector<Constraint> broken = broken_by(problem, easy->plan.steps);
    CHECK_FALSE(broken.empty());
    const std::vector<Constraint> all = constraints(problem);
    CHECK(std::includes(all.begin(), all.end(), broken.begin(), broken.end()));
    ++blamed;
  }
  CHECK(blamed > 20);
}

}  // namespace lockstep::explain
