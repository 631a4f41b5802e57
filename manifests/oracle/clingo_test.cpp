// The search against a third reading of the model (plan.lp), decided by clingo.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <fstream>

#include "host/base/temp_dir.hpp"
#include "manifests/oracle/clingo.hpp"
#include "manifests/oracle/compare.hpp"
#include "manifests/oracle/facts.hpp"

namespace lockstep::oracle {
namespace {

std::string text(const Clingo& answer) {
  switch (answer.how) {
    case Clingo::How::none: return "no plan";
    case Clingo::How::least: {
      const model::Cost& c = answer.cost;
      return fmt::format("{} {} {} {}", c.irreversible, c.reboots, c.publications, c.bytes);
    }
    case Clingo::How::too_slow:
    case Clingo::How::failed: break;
  }
  return answer.said;
}

}  // namespace

TEST_CASE("clingo finds a plan where the search does, none that is cheaper, and none where the search finds none") {
  // Without clingo (Debian package gringo, tools/packages.txt) this fails: a comparison that was left out proves nothing.
  REQUIRE(has_clingo());

  const Shape small{.most_components = 3, .most_versions = 4, .most_states = 700};
  const TempDir folder;
  const auto file = folder / "instance.lp";
  const int instances = affordable(1'000);
  int solved = 0;
  std::size_t longest = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int n = 0; n < instances; ++n) {
    const Instance instance = draw(500'000 + static_cast<std::uint64_t>(n), small);
    std::ofstream(file) << facts(instance);
    const auto least = solve(instance.problem());
    // No plan: within the steps that lead to every state there is, and one more.
    const std::size_t steps = (least ? least->plan.steps.size() : explore(instance.problem()).steps) + 1;
    longest = std::max(longest, steps);
    solved += least.has_value();
    const std::string expected = least ? fmt::format("{} {} {} {}", least->cost.irreversible, least->cost.reboots,
                                                     least->cost.publications, least->cost.bytes)
                                       : "no plan";
    const std::string found = text(ask_clingo(LOCKSTEP_SOURCE_DIR "/manifests/oracle/plan.lp", file, steps));
    if (found != expected) FAIL_CHECK("clingo: " << found << ", search: " << expected << '\n' << text(instance));
  }
  MESSAGE(instances << " instances, " << solved << " with a plan, at most " << longest << " steps, "
                    << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() << " s");
}

}  // namespace lockstep::oracle
