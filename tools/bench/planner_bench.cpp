// Measures planning: against clingo on the same instances in the same run, on large made-up products, a rehearsal of a
// million devices, and a single "why".
//
//   lockstep-bench-planner PLAN.LP [INSTANCES]
//
// Wall time is what a user waits; processor time stands beside it, because other work on the machine does not stretch it.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "gateways.hpp"
#include "host/base/temp_dir.hpp"
#include "manifests/check/check.hpp"
#include "manifests/explain/impossible.hpp"
#include "manifests/oracle/clingo.hpp"
#include "manifests/oracle/facts.hpp"
#include "manifests/oracle/random.hpp"
#include "manifests/plan/made_up.hpp"
#include "manifests/propose/propose.hpp"
#include "times.hpp"

using namespace lockstep;
using namespace lockstep::bench;
using plan::made_up::part_of;

namespace {

void say(const std::string& line) { std::cout << line << std::endl; }

// clingo is told how many steps the plan has that we found, which it would have to find out else; it proves that no plan
// of so many steps costs less.
void against_clingo(const std::string& encoding, int wanted) {
  if (!oracle::has_clingo()) {
    std::cerr << "clingo is not installed (Debian package gringo), and there is nothing to compare with" << std::endl;
    std::exit(1);
  }
  constexpr int limit_seconds = 30;
  const TempDir folder;
  const auto file = folder / "instance.lp";
  Times ours, theirs, own;
  std::vector<double> ratios, own_ratios;
  int too_slow = 0;
  std::size_t steps = 0;
  int both = 0;
  for (std::uint64_t seed = 900'001; both + too_slow < wanted; ++seed) {
    const oracle::Instance instance = oracle::draw(seed);
    const model::Problem problem = instance.problem();
    Outcome<plan::Answer> answer = plan::make_plan(problem);  // once before, so that memory is there
    if (!answer || answer->verdict != plan::Verdict::found || answer->plan.steps.empty()) continue;
    const Span our = timed([&] { answer = plan::make_plan(problem); });
    std::ofstream(file) << oracle::facts(instance);
    oracle::Clingo clingo;
    const Span their = timed([&] { clingo = oracle::ask_clingo(encoding, file, answer->plan.steps.size(), limit_seconds); });
    if (clingo.how == oracle::Clingo::How::too_slow) {
      ++too_slow;
      continue;
    }
    if (clingo.how != oracle::Clingo::How::least || clingo.cost != answer->cost) {
      say(fmt::format("clingo and the planner differ about seed {}: {}", seed, clingo.said));
      std::exit(1);
    }
    ++both;
    steps = std::max(steps, answer->plan.steps.size());
    ours.add(our);
    theirs.add({their.wall_ms, clingo.cpu_seconds * 1e3});
    own.add({clingo.seconds * 1e3, clingo.cpu_seconds * 1e3});
    ratios.push_back(their.wall_ms / our.wall_ms);
    own_ratios.push_back(clingo.seconds * 1e3 / our.wall_ms);
  }
  say(fmt::format("plans of up to 4 components x 6 versions, at most {} steps: {} solved by both, {} not by clingo in {} s", steps,
                  both, too_slow, limit_seconds));
  say("  planner               " + ours.text());
  say("  clingo, its process   " + theirs.text());
  say("  clingo, its own time  " + own.text());
  say(fmt::format("  planner faster at the median {:.0f} times (processor time {:.0f}; against clingo's own time {:.0f}); median of the "
                  "ratios {:.0f} ({:.0f}) (aim at least 100)",
                  theirs.median() / ours.median(), theirs.cpu_median() / ours.cpu_median(), own.median() / ours.median(),
                  part_of(ratios, 0.5), part_of(own_ratios, 0.5)));
}

void large(const plan::made_up::Size& size, std::string_view kind, std::string_view aim) {
  Times times;
  int found = 0, least = 0, but_bytes = 0;
  for (int seed = 0; seed < size.instances; ++seed) {
    const model::Catalogue catalogue = plan::made_up::Maker(static_cast<std::uint32_t>(seed), size, kind).catalogue();
    const model::Problem problem = plan::made_up::oldest_to_newest(catalogue);
    std::optional<Outcome<plan::Answer>> answer;
    times.add(timed([&] { answer = plan::make_plan(problem); }));
    found += *answer && (*answer)->verdict == plan::Verdict::found;
    least += *answer && (*answer)->least();
    but_bytes += *answer && (*answer)->least_but_bytes();
  }
  say(fmt::format("{} x {}, {:<6} {} ({})", size.components, size.versions, std::string(kind) + ':', times.text(), aim));
  say(fmt::format("  of {}: {} with a plan, {} proved least, {} but for bytes", size.instances, found, least, but_bytes));
}

void rehearse_a_million() {
  constexpr std::size_t devices = 1'000'000, different = 500;
  const auto releases = ten_releases();
  const auto reports = fleet_of(devices, different);
  std::optional<propose::Rehearsal> all;
  const Span span = timed([&] {
    const auto planner = propose::Planner::make(releases, reports);
    if (planner) all = planner->rehearse(reports, releases.back(), {});
  });
  if (!all) std::exit(1);
  say(fmt::format("rehearsal of {} devices in {} states: {:.2f} s (processor {:.2f} s; aim below 2): {} groups, {} ready, {} there, {} blocked",
                  devices, different, span.wall_ms / 1e3, span.cpu_ms / 1e3, all->groups.size(), all->ready, all->there, all->blocked));
}

void why(int components, int versions, int wanted) {
  oracle::Shape shape{.fewest_components = components, .most_components = components, .fewest_versions = versions, .most_versions = versions};
  shape.most_states = 1e300;
  shape.hopeless = 1;
  shape.edge = 0.5;
  Times times;
  int unknown = 0, not_minimal = 0;
  std::size_t causes = 0;
  int found = 0;
  for (std::uint64_t seed = 1; found < wanted; ++seed) {
    const oracle::Instance instance = oracle::draw(seed, shape);
    Outcome<explain::Impossible> out = fail(ErrorKind::internal, "not asked");
    const Span span = timed([&] { out = explain::why_impossible(instance.problem()); });
    if (!out) std::exit(1);
    unknown += out->how == explain::Impossible::How::unknown;
    if (out->how != explain::Impossible::How::impossible) continue;
    ++found;
    times.add(span);
    causes += out->causes.size();
    not_minimal += !out->minimal;
  }
  say(fmt::format("why is there no plan, {} x {}: {} (aim p95 below 50)", components, versions, times.text()));
  say(fmt::format("  of {}: {:.1f} causes each, {} perhaps not minimal; {} more of which nothing is known", found,
                  static_cast<double>(causes) / found, not_minimal, unknown));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: lockstep-bench-planner PLAN.LP [INSTANCES]\n";
    return 2;
  }
  const int instances = argc > 2 ? std::atoi(argv[2]) : 60;
  against_clingo(argv[1], instances);
  for (const char* kind : {"plain", "bytes", "mixed"}) large({6, 40, 6, instances}, kind, "aim p95 below 100");
  for (const char* kind : {"plain", "mixed"}) large({10, 40, 6, std::min(instances, 20)}, kind, "aim largest below 5000");
  rehearse_a_million();
  why(6, 12, instances);
  return 0;
}
