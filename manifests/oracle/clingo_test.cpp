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

// Instances `first_seed` and those that follow.
void compare_with_clingo(const Shape& shape, std::uint64_t first_seed, int instances) {
  // Without clingo (Debian package gringo, tools/packages.txt) this fails: a comparison that was left out proves nothing.
  REQUIRE(has_clingo());

  const TempDir folder;
  const auto file = folder / "instance.lp";
  int solved = 0;
  std::size_t longest = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (int n = 0; n < instances; ++n) {
    const Instance instance = draw(first_seed + static_cast<std::uint64_t>(n), shape);
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

}  // namespace

TEST_CASE("clingo finds a plan where the search does, none that is cheaper, and none where the search finds none") {
  compare_with_clingo({.most_components = 3, .most_versions = 4, .most_states = 700}, 500'000, affordable(1'000));
}

TEST_CASE("clingo does the same where every feature of the model is in the way") {
  Shape small = hard();
  small.most_states = 3'000;
  compare_with_clingo(small, 600'000, affordable(200));
}

TEST_CASE("clingo does the same on devices that do not have all that others want") {
  Shape small = lacking();
  small.most_components = 3;
  small.most_states = 700;
  compare_with_clingo(small, 700'000, affordable(150));
}

}  // namespace lockstep::oracle
