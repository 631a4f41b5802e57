#include "manifests/oracle/search.hpp"

#include <doctest/doctest.h>

#include "manifests/oracle/compare.hpp"
#include "manifests/oracle/world.hpp"

namespace lockstep::oracle {

TEST_CASE("the instances are many kinds of hard, and about half of them have a plan") {
  const auto all = compare([](const model::Problem& p) { return solve(p); }, affordable(1'000));
  MESSAGE(all.mix);
  CHECK(all.differences == 0);
  CHECK(all.solved > all.instances / 4);
  CHECK(all.solved < all.instances * 3 / 4);
}

TEST_CASE("the same seed draws the same instance") {
  CHECK(text(draw(7)) == text(draw(7)));
  CHECK(text(draw(7)) != text(draw(8)));
}

TEST_CASE("a planner that errs is found out") {
  const int some = affordable(400);
  const auto gives_up = compare([](const model::Problem& p) {
    auto plan = solve(p);
    return plan && plan->plan.steps.size() > 8 ? std::nullopt : plan;
  }, some);
  CHECK(gives_up.differences > 0);
  CHECK(gives_up.first.starts_with("a plan was not found that costs"));
  const auto forgets_bans = compare([](const model::Problem& p) {
    model::Problem free = p;
    free.bans.clear();
    return solve(free);
  }, some);
  CHECK(forgets_bans.differences > 0);
  const auto hopes = compare([](const model::Problem& p) {
    auto plan = solve(p);
    if (plan && !plan->plan.steps.empty()) plan->plan.steps.pop_back(), plan->plan.after.pop_back();
    return plan;
  }, some);
  CHECK(hopes.differences == hopes.solved);
  const auto wastes = compare([](const model::Problem& p) {
    auto plan = solve(p);
    if (plan) ++plan->cost.bytes;
    return plan;
  }, some);
  CHECK(wastes.differences == wastes.solved);
}

TEST_CASE("every state on the way of a plan is counted once") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Instance instance = draw(seed);
    const Extent all = explore(instance.problem());
    const auto plan = solve(instance.problem());
    CAPTURE(seed);
    CHECK((!plan || plan->plan.steps.size() < all.states));
    CHECK(all.steps <= all.states);
  }
}

}  // namespace lockstep::oracle
