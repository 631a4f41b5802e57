// The search against a third reading of the model (plan.lp), decided by clingo.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "host/base/temp_dir.hpp"
#include "manifests/oracle/compare.hpp"
#include "manifests/oracle/facts.hpp"

namespace lockstep::oracle {
namespace {

std::string output_of(const std::string& command) {
  std::FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::string out;
  std::array<char, 4096> piece{};
  while (const std::size_t n = std::fread(piece.data(), 1, piece.size(), pipe)) out.append(piece.data(), n);
  ::pclose(pipe);
  return out;
}

// "UNSATISFIABLE", or the least cost of a plan of at most so many steps; else what clingo said.
std::string clingo(const std::filesystem::path& file, std::size_t steps) {
  const std::string out = output_of(fmt::format("clingo --verbose=0 --quiet=1,1,2 -c horizon={} {} {} 2>&1", steps,
                                                LOCKSTEP_SOURCE_DIR "/manifests/oracle/plan.lp", file.string()));
  std::string least;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    if (line == "UNSATISFIABLE") return line;
    if (line.starts_with("Optimization: ")) least = line.substr(14);
  }
  if (out.find("OPTIMUM FOUND") == out.npos) return out;
  std::istringstream numbers(least);
  model::Cost cost;
  numbers >> cost.irreversible >> cost.reboots >> cost.publications >> cost.bytes;
  return fmt::format("{} {} {} {}", cost.irreversible - 1, cost.reboots - 1, cost.publications - 1, cost.bytes - 1);
}

}  // namespace

TEST_CASE("clingo finds a plan where the search does, none that is cheaper, and none where the search finds none") {
  // Without clingo (Debian package gringo, tools/packages.txt) this fails: a comparison that was left out proves nothing.
  REQUIRE(output_of("clingo --version 2>&1").starts_with("clingo version 5"));

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
                                       : "UNSATISFIABLE";
    const std::string found = clingo(file, steps);
    if (found != expected) FAIL_CHECK("clingo: " << found << ", search: " << expected << '\n' << text(instance));
  }
  MESSAGE(instances << " instances, " << solved << " with a plan, at most " << longest << " steps, "
                    << std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count() << " s");
}

}  // namespace lockstep::oracle
