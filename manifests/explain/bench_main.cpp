// Times a "why not" and a bridge on random products of the oracle's generator.
//
//   lockstep-bench-explain [COMPONENTS VERSIONS INSTANCES [EDGE]]
//
// EDGE: how much of each other the components want (oracle::Shape::edge). Starts are not looked at beforehand: those that
// are bad already are not counted.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "manifests/explain/bridge.hpp"
#include "manifests/explain/nearest.hpp"
#include "manifests/oracle/instance.hpp"

namespace {

using namespace lockstep;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) { return std::chrono::duration<double, std::milli>(Clock::now() - begin).count(); }

class Times {
 public:
  void add(double ms) { ms_.push_back(ms); }
  void print(const char* what) {
    if (ms_.empty()) return;
    std::sort(ms_.begin(), ms_.end());
    std::printf("%-8s %4zu times, median %8.2f ms, p95 %8.2f ms, largest %8.2f ms\n", what, ms_.size(), ms_[ms_.size() / 2],
                ms_[ms_.size() * 95 / 100], ms_.back());
  }

 private:
  std::vector<double> ms_;
};

}  // namespace

int main(int argc, char** argv) {
  const int components = argc > 1 ? std::atoi(argv[1]) : 6;
  const int versions = argc > 2 ? std::atoi(argv[2]) : 12;
  const int instances = argc > 3 ? std::atoi(argv[3]) : 60;
  oracle::Shape shape{.fewest_components = components, .most_components = components, .fewest_versions = versions, .most_versions = versions};
  shape.most_states = 1e300;
  shape.hopeless = 1;
  shape.edge = argc > 4 ? std::atof(argv[4]) : 0.5;

  Times why, near, bridge;
  std::size_t unknown = 0, not_minimal = 0, causes = 0, bridged = 0;
  int found = 0;
  for (std::uint64_t seed = 1; found < instances && seed < 100'000; ++seed) {
    const oracle::Instance instance = oracle::draw(seed, shape);
    const model::Problem problem = instance.problem();
    auto begin = Clock::now();
    const auto out = explain::why_impossible(problem);
    const double ms = ms_since(begin);
    if (out && out->how == explain::Impossible::How::unknown) ++unknown;
    if (!out || out->how != explain::Impossible::How::impossible) continue;
    ++found;
    why.add(ms);
    causes += out->causes.size();
    not_minimal += !out->minimal;
    begin = Clock::now();
    if (explain::nearest(problem)) near.add(ms_since(begin));
    begin = Clock::now();
    const auto bridges = explain::bridges({&problem, 1}, 1);
    bridge.add(ms_since(begin));
    bridged += bridges && !bridges->empty();
  }
  std::printf("%d components, %d versions: %d without a plan, %.1f causes each, %zu not minimal, %zu unknown, %zu with a bridge\n", components,
              versions, found, static_cast<double>(causes) / std::max(found, 1), not_minimal, unknown, bridged);
  why.print("why");
  near.print("nearest");
  bridge.print("bridge");
}
