// The checker against the other reading of the model.
#include "manifests/check/check.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "manifests/oracle/compare.hpp"
#include "manifests/oracle/mutate.hpp"
#include "manifests/oracle/world.hpp"

namespace lockstep::oracle {
namespace {

bool lacks_something(const model::State& state) {
  return std::any_of(state.parts.begin(), state.parts.end(), [](const model::Part& p) { return p.active == model::none; });
}

}  // namespace

TEST_CASE("the checker accepts the least plan of every instance") {
  int plans = 0;
  for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(affordable(2'000)); ++seed) {
    const Instance instance = draw(seed);
    const auto solution = solve(instance.problem());
    if (!solution) continue;
    ++plans;
    const auto verdict = check::check(instance.catalogue, solution->plan);
    if (!verdict) FAIL_CHECK(check::text(instance.catalogue, solution->plan, verdict.error()) << '\n' << text(instance));
  }
  MESSAGE(plans << " plans");
}

TEST_CASE("of spoilt plans the checker rejects every bad one and accepts every good one") {
  const int wanted = affordable(20'000);
  int mutants = 0, good = 0, lacking_plans = 0, good_lacking = 0;
  std::map<std::string_view, int> rejected;
  for (std::uint64_t seed = 100'001; mutants < wanted; ++seed) {
    const Instance instance = draw(seed, seed % 5 == 0 ? hard() : seed % 5 == 1 ? lacking() : Shape{});
    const auto solution = solve(instance.problem());
    if (!solution) continue;
    Random random(seed);
    for (int n = 0; n < 10; ++n, ++mutants) {
      const model::Plan plan = mutate(random, instance.catalogue, solution->plan);
      const bool is = is_good(instance.catalogue, plan);
      const auto verdict = check::check(instance.catalogue, plan);
      if (is) ++good;
      const bool lacks = lacks_something(plan.start) && !plan.steps.empty();
      lacking_plans += lacks;
      good_lacking += lacks && is;
      if (!verdict) ++rejected[check::text(verdict.error().violation.rule)];
      if (static_cast<bool>(verdict) == is) continue;
      std::string what = verdict ? "accepted, though it is bad" : "rejected: " + check::text(instance.catalogue, plan, verdict.error());
      FAIL_CHECK(what << '\n' << text(instance) << "from " << text(instance.catalogue, plan.start));
    }
  }
  std::string rules;
  for (const auto& [rule, count] : rejected) rules += fmt::format(" {} {}", rule, count);
  MESSAGE(mutants << " spoilt plans, " << good << " still good; " << lacking_plans << " on devices that lack something, "
                  << good_lacking << " of them good; rejected for" << rules);
  CHECK(good > mutants / 20);
  CHECK(lacking_plans > mutants / 10);
  CHECK(good_lacking > lacking_plans / 20);
  for (const check::Rule rule : {check::Rule::hardware, check::Rule::counter, check::Rule::data, check::Rule::need, check::Rule::way}) {
    CHECK(rejected[check::text(rule)] > 0);
  }
}

TEST_CASE("looking at pairs of versions finds what trying every combination of reverts finds") {
  int states = 0, good = 0, by_revert = 0, on_absent = 0;
  for (std::uint64_t seed = 1; states < affordable(50'000); ++seed) {
    const Instance instance = draw(seed, seed % 5 == 0 ? hard() : Shape{.upper = 0.3, .other_board = 0.02, .odd_start = 1});
    const World world(instance.catalogue, instance.board);
    Random random(seed);
    for (int n = 0; n < 50; ++n, ++states) {
      const model::State state = any_state(random, instance.catalogue, seed % 2 == 0 ? 0.2 : 0);
      const auto moment = world.read(state);
      REQUIRE(moment);
      const auto found = check::check_state(instance.catalogue, instance.board, state);
      if (found.empty() != world.survives(*moment)) {
        FAIL_CHECK(text(instance) << text(instance.catalogue, state) << "\nfound " << found.size());
      }
      good += found.empty();
      for (const check::Violation& v : found) {
        by_revert += !v.reverted.empty();
        on_absent += v.other.component != model::none && v.other.version == model::none;
        // The state that it names is bad by itself, without reverts, unless it only cannot be left again.
        const auto named = world.read(v.state);
        REQUIRE(named);
        if (v.rule != check::Rule::way) CHECK_FALSE(world.survives(*named));
        for (const model::Target& t : v.reverted) CHECK(state.parts[static_cast<std::size_t>(t.component)].fallback == t.version);
      }
    }
  }
  MESSAGE(states << " states, " << good << " good; " << by_revert << " violations only after reverts, " << on_absent
                 << " because the device lacks something");
  CHECK(good > states / 20);
  CHECK(by_revert > 0);
  CHECK(on_absent > states / 100);
}

}  // namespace lockstep::oracle
