// The planner against the explicit-state search: the same answers at the same cost, and every plan of it is certified.
#include "manifests/plan/plan.hpp"

#include <doctest/doctest.h>

#include "manifests/check/check.hpp"
#include "manifests/oracle/compare.hpp"

using namespace lockstep;

namespace {

std::optional<oracle::Solution> by_planner(const model::Problem& problem) {
  const auto answer = plan::make_plan(problem);
  REQUIRE_MESSAGE(answer, (answer ? "" : answer.error().what));
  REQUIRE(answer->verdict != plan::Verdict::gave_up);
  if (answer->verdict == plan::Verdict::none) return std::nullopt;
  const auto certified = check::check(*problem.catalogue, answer->plan);
  CHECK_MESSAGE(certified, (certified ? "" : check::text(*problem.catalogue, answer->plan, certified.error())));
  CHECK(answer->least());
  return oracle::Solution{.plan = answer->plan, .cost = answer->cost};
}

}  // namespace

TEST_CASE("the planner finds a plan exactly when there is one, it costs no more than any other, and it is certified") {
  const oracle::Comparison result = oracle::compare(by_planner, oracle::affordable(10'000));
  MESSAGE(result.mix);
  CHECK_MESSAGE(result.differences == 0, result.first);
  CHECK(result.solved > result.instances / 4);
}

TEST_CASE("the planner does the same where every feature of the model is in the way") {
  const oracle::Comparison result = oracle::compare(by_planner, oracle::affordable(3'000), oracle::hard());
  MESSAGE(result.mix);
  CHECK_MESSAGE(result.differences == 0, result.first);
  CHECK(result.solved > result.instances / 4);
}

TEST_CASE("the planner does the same on devices that do not have all that others want") {
  const oracle::Comparison result = oracle::compare(by_planner, oracle::affordable(2'000), oracle::lacking());
  MESSAGE(result.mix);
  CHECK_MESSAGE(result.differences == 0, result.first);
  CHECK(result.solved > result.instances / 4);
}
