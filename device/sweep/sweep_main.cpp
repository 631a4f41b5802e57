// lockstep-bootsweep: cuts the power at every flash operation of whole updates and of each recovery, and tells how many
// cut points that were. Exit status 1: a finding.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "device/sweep/random_faults.hpp"

namespace {

using namespace lockstep;
using namespace lockstep::sweep;

struct Work {
  const Scenario* scenario;
  const Shape* shape;
  boot::Mode mode;
};

std::vector<Work> all_work(std::size_t every) {
  std::vector<Work> all;
  std::size_t n = 0;
  for (const Scenario& scenario : all_scenarios())
    for (const boot::Mode mode : scenario.modes)
      for (const Shape& shape : all_shapes())
        if (n++ % every == 0) all.push_back({&scenario, &shape, mode});
  return all;
}

// Calls `body(n)` for n = 0..count-1 on all processors.
template <class Body>
void on_all_processors(std::size_t count, const Body& body) {
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < std::max(1u, std::thread::hardware_concurrency()); ++t) {
    threads.emplace_back([&] {
      for (std::size_t n = next++; n < count; n = next++) body(n);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class Report {
 public:
  void add(const std::string& row, const Outcome& outcome, const std::string& where) {
    const std::lock_guard lock(mutex_);
    Outcome& sum = rows_[row];
    sum.cuts += outcome.cuts;
    sum.states += outcome.states;
    for (const std::string& finding : outcome.findings) {
      if (++findings_ <= max_findings) fmt::print(stderr, "FOUND {}\n  {}\n", where, finding);
    }
  }
  std::size_t print() const {
    Outcome all;
    fmt::print("{:<34} {:>12} {:>16}\n", "mode, scenario", "cut points", "states of flash");
    for (const auto& [row, sum] : rows_) {
      fmt::print("{:<34} {:>12} {:>16}\n", row, sum.cuts, sum.states);
      all.cuts += sum.cuts;
      all.states += sum.states;
    }
    fmt::print("{:<34} {:>12} {:>16}   {} findings\n", "all", all.cuts, all.states, findings_);
    return findings_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Outcome> rows_;
  std::size_t findings_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Cuts the power at every flash operation of whole updates, then at every operation of each recovery; then\n"
               "random cuts and write errors.");
  unsigned cuts = 2;
  std::size_t every = 1;
  std::size_t runs = 10'000;
  app.add_option("--every", every, "take only every N-th combination of scenario, mode and flash")->check(CLI::PositiveNumber);
  app.add_option("--cuts", cuts, "cuts one after the other")->check(CLI::PositiveNumber);
  app.add_option("--random", runs, "number of random runs");
  CLI11_PARSE(app, argc, argv);

  Report report;
  const std::vector<Work> work = all_work(every);
  on_all_processors(work.size(), [&](std::size_t n) {
    const auto& [scenario, shape, mode] = work[n];
    const std::string row = fmt::format("{}, {}", boot::text(mode), scenario->name);
    report.add(row, explore(*scenario, *shape, mode, cuts), fmt::format("{}, {}", row, shape->name()));
  });
  on_all_processors(runs, [&](std::size_t n) {
    report.add("random cuts, write errors", run_with_faults(n), fmt::format("random run {}", n));
  });
  return report.print() == 0 ? 0 : 1;
}
