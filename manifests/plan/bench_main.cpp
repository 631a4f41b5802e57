// Times the planner on made-up products of growing size: how far it carries, and what a plan costs.
//
//   lockstep-bench-plan [COMPONENTS VERSIONS LAG INSTANCES [plain|bytes|mixed]]
//
// From the oldest to the newest of everything. made_up.hpp says what the products are like.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "manifests/plan/made_up.hpp"
#include "manifests/plan/plan.hpp"

namespace {

using namespace lockstep;
using namespace plan::made_up;

void measure(const Size& size, std::string_view kind) {
  std::vector<double> ms;
  std::vector<std::uint64_t> expansions;
  std::vector<std::size_t> steps;
  std::vector<std::uint64_t> nodes;
  double relations_ms = 0;
  int found = 0;
  int least = 0;
  int but_bytes = 0;
  int none = 0;
  double worst = 1;
  const bool each = std::getenv("EACH") != nullptr;
  for (int seed = 0; seed < size.instances; ++seed) {
    const model::Catalogue catalogue = Maker(static_cast<std::uint32_t>(seed), size, kind).catalogue();
    const model::Problem problem = oldest_to_newest(catalogue);
    const auto begin = std::chrono::steady_clock::now();
    const auto relations = plan::Relations::make(catalogue);
    const auto middle = std::chrono::steady_clock::now();
    const auto answer = plan::make_plan(*relations, problem);
    const auto end = std::chrono::steady_clock::now();
    if (!answer) std::abort();
    relations_ms += std::chrono::duration<double, std::milli>(middle - begin).count();
    ms.push_back(std::chrono::duration<double, std::milli>(end - middle).count());
    expansions.push_back(answer->counts.expansions);
    nodes.push_back(answer->counts.nodes);
    found += answer->verdict == plan::Verdict::found;
    none += answer->verdict == plan::Verdict::none;
    least += answer->least();
    but_bytes += answer->least_but_bytes();
    if (answer->verdict == plan::Verdict::found) {
      steps.push_back(answer->plan.steps.size());
      const auto sum = [](const model::Cost& c) { return static_cast<double>(c.reboots + c.publications); };
      worst = std::max(worst, sum(answer->cost) / std::max(1.0, sum(answer->at_least)));
    }
    if (each) {
      std::printf("  seed %d: %.1f ms, %llu expansions, %llu nodes\n", seed, ms.back(),
                  static_cast<unsigned long long>(expansions.back()), static_cast<unsigned long long>(nodes.back()));
    }
  }
  std::printf("%-6.*s %2zu x %2zu lag %zu  found %d/%d (least %d, but bytes %d, none %d, worst bound %.2f)  steps %zu/%zu  nodes %llu  "
              "expanded %llu/%llu/%llu  ms %.1f/%.1f/%.1f  (ranges %.1f)\n",
              static_cast<int>(kind.size()), kind.data(), size.components, size.versions, size.lag, found, size.instances,
              least, but_bytes, none, worst, part_of(steps, 0.5), part_of(steps, 1), static_cast<unsigned long long>(part_of(nodes, 0.5)),
              static_cast<unsigned long long>(part_of(expansions, 0.5)),
              static_cast<unsigned long long>(part_of(expansions, 0.95)),
              static_cast<unsigned long long>(part_of(expansions, 1)), part_of(ms, 0.5), part_of(ms, 0.95), part_of(ms, 1),
              relations_ms / size.instances);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int n) { return static_cast<std::size_t>(std::strtoul(argv[n], nullptr, 10)); };
  if (argc >= 5) {
    measure({number(1), number(2), number(3), static_cast<int>(number(4))}, argc > 5 ? argv[5] : "plain");
    return 0;
  }
  std::printf("median/p95/max where there are three figures, median/max where there are two\n");
  for (const char* kind : {"plain", "bytes", "mixed"}) {
    for (const Size& size : {Size{4, 12, 3}, Size{6, 20, 4}, Size{6, 40, 6}, Size{8, 40, 6}, Size{10, 40, 6}}) measure(size, kind);
  }
  return 0;
}
