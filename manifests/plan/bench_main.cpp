// Times the planner on made-up products of growing size: how far it carries, and what a plan costs.
//
//   lockstep-bench-plan [COMPONENTS VERSIONS LAG INSTANCES [plain|bytes|mixed]]
//
// Each product: a random tree of requirements and half as many extra ones, each in both directions as "peer at least x";
// with each release x rises with probability 0.08 to at most LAG releases ago; one release in fifteen is a stepping
// stone. From the oldest to the newest of everything. plain: A/B, files of equal size; bytes: sizes differ;
// mixed: also a component with a late fallback, one with a single slot, an app and a service.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/plan/plan.hpp"

namespace {

using namespace lockstep;
using model::Index;
using model::Kind;

struct Size {
  std::size_t components = 6;
  std::size_t versions = 40;
  std::size_t lag = 6;
  int instances = 60;
};

version::Range at_least(std::size_t version) { return *version::Range::parse(">=" + std::to_string(version) + ".0.0"); }

class Maker {
 public:
  Maker(std::uint32_t seed, const Size& size, std::string_view kind) : random_(seed), size_(size), kind_(kind) {}

  model::Catalogue catalogue() {
    model::Catalogue out;
    constexpr Kind kinds[] = {Kind::ab_trial, Kind::ab_late, Kind::single, Kind::app, Kind::service};
    for (std::size_t i = 0; i < size_.components; ++i) {
      model::Component c{.name = "c" + std::to_string(i)};
      if (kind_ == "mixed" && i < std::size(kinds)) c.kind = kinds[i];
      std::size_t stone = 1;
      for (std::size_t v = 1; v <= size_.versions; ++v) {
        c.versions.push_back(record(v));
        if (model::on_device(c.kind)) c.versions.back().from = release::From{.range = at_least(stone)};
        if (below(1000) < 65) stone = v;
      }
      out.components.push_back(std::move(c));
    }
    for (std::size_t i = 1; i < size_.components; ++i) connect(out, i, below(i));
    for (std::size_t n = 0; n < size_.components / 2; ++n) {
      const std::size_t i = below(size_.components);
      const std::size_t j = below(size_.components);
      if (i != j) connect(out, i, j);
    }
    return out;
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  model::Record record(std::size_t number) {
    model::Record r{.version = *version::parse(std::to_string(number) + ".0.0")};
    r.hardware.push_back({.board = "node", .revisions = {}});
    r.bytes = kind_ == "plain" ? 100'000 : 100'000 + number * 1000 + below(5000);
    return r;
  }
  void connect(model::Catalogue& out, std::size_t i, std::size_t j) {
    need(out, i, j);
    need(out, j, i);
  }
  void need(model::Catalogue& out, std::size_t i, std::size_t j) {
    std::size_t minimum = 1;
    for (std::size_t v = 1; v <= size_.versions; ++v) {
      if (below(100) < 8) minimum = std::max(minimum, v - std::min(v - 1, below(size_.lag) + 1));
      if (minimum > 1) {
        out.components[i].versions[v - 1].needs.push_back({.component = static_cast<Index>(j), .range = at_least(minimum)});
      }
    }
  }

  std::mt19937 random_;
  Size size_;
  std::string_view kind_;
};

model::Problem oldest_to_newest(const model::Catalogue& catalogue) {
  model::Problem p{.catalogue = &catalogue, .board = {"node", *version::parse("1.0.0")}};
  for (const model::Component& c : catalogue.components) {
    model::Part part;
    if (model::on_device(c.kind)) part.active = 0;
    if (!model::on_device(c.kind)) part.alive = {0};
    p.start.parts.push_back(part);
    p.goal.versions.push_back(static_cast<Index>(c.versions.size()) - 1);
  }
  return p;
}

template <class T>
T part_of(std::vector<T> values, double part) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(part * static_cast<double>(values.size())))];
}

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
