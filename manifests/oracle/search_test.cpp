#include "manifests/oracle/search.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "manifests/check/check.hpp"
#include "manifests/oracle/instance.hpp"

namespace lockstep::oracle {

TEST_CASE("mix") {
  using clock = std::chrono::steady_clock;
  const auto begin = clock::now();
  std::vector<std::size_t> lengths, states_all;
  double worst = 0;
  int solved = 0, features[8] = {};
  const int count = 2000;
  for (int seed = 1; seed <= count; ++seed) {
    const Instance instance = draw(static_cast<std::uint64_t>(seed));
    const auto t = clock::now();
    std::size_t states = 0;
    const auto solution = solve(instance.problem(), &states);
    worst = std::max(worst, std::chrono::duration<double>(clock::now() - t).count());
    states_all.push_back(states);
    if (!solution) continue;
    ++solved;
    lengths.push_back(solution->plan.steps.size());
    const auto verdict = check::check(instance.catalogue, solution->plan);
    if (!verdict) FAIL_CHECK(text(instance) << check::text(instance.catalogue, solution->plan, verdict.error()));
    REQUIRE(is_good(instance.catalogue, solution->plan));
    for (const auto& s : solution->plan.steps) ++features[static_cast<int>(s.act)];
  }
  std::sort(lengths.begin(), lengths.end());
  std::sort(states_all.begin(), states_all.end());
  MESSAGE("solved " << solved << " of " << count << ", length median " << lengths[lengths.size() / 2] << " p90 " << lengths[lengths.size()*9/10] << " max " << lengths.back()
          << "; states median " << states_all[states_all.size() / 2] << " p95 " << states_all[states_all.size() * 95 / 100] << " max " << states_all.back()
          << "; worst " << worst << " s; all " << std::chrono::duration<double>(clock::now() - begin).count() << " s");
  for (int i = 0; i < 7; ++i) MESSAGE(model::text(static_cast<model::Act>(i)) << " " << features[i]);
}

}  // namespace lockstep::oracle
