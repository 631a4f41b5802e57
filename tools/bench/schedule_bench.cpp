// Measures the one order of stages for a whole fleet: a million devices in ever more different states.
//
//   lockstep-bench-schedule [FLEETS [DEVICES]]
//
// From the reports, one for each device, to the certified schedule; devices that say the same are put together first. Of each
// size FLEETS (3) fleets that differ; some of the last row take a minute each.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "gateways.hpp"
#include "manifests/fleet/certified.hpp"
#include "manifests/propose/alike.hpp"
#include "manifests/propose/propose.hpp"
#include "times.hpp"

using namespace lockstep;
using namespace lockstep::bench;

namespace {

struct Row {
  std::string_view name;
  Ties ties = Ties::one_way;
  std::size_t asleep_one_of = 0;  // of so many states one is asleep; 0: none
};

fleet::Census census_of(const std::vector<model::Report>& reports, const Row& row) {
  fleet::Census out;
  for (const std::vector<std::size_t>& same : propose::alike(reports)) {
    const bool asleep = row.asleep_one_of != 0 && out.devices.size() % row.asleep_one_of == 0;
    out.devices.push_back({.report = reports[same[0]], .names = {}, .count = same.size(), .offline = asleep});
    for (const std::size_t n : same) out.devices.back().names.push_back(reports[n].device.name);
  }
  out.percent = 95;
  return out;
}

void schedules(const Row& row, std::size_t devices, std::size_t different, int fleets) {
  const auto releases = ten_releases(row.ties);
  Times times;
  int unsure = 0;
  std::size_t stages = 0, moves = 0, left = 0, unmet = 0;
  for (int seed = 1; seed <= fleets; ++seed) {
    const auto reports = safe_fleet_of(devices, different, static_cast<std::uint64_t>(seed));
    Outcome<fleet::Certified> made = fail(ErrorKind::internal, "not asked");
    times.add(timed([&] {
      const fleet::Census census = census_of(reports, row);
      const auto planner = propose::Planner::make(releases, fleet::reports(census));
      if (planner) made = fleet::certified_schedule(planner->relations(), census, releases.back(), model::Scope::everything, {.finalise = true});
    }));
    if (!made) {
      std::cerr << made.error().what << '\n';
      std::exit(1);
    }
    const fleet::Schedule& schedule = made->answer.schedule;
    unsure += made->answer.sure ? 0 : 1;
    stages += schedule.stages.size(), left += schedule.left.size(), unmet += schedule.unmet.size();
    for (const fleet::Stage& s : schedule.stages) moves += s.moves.size();
  }
  const auto mean = [&](std::size_t sum) { return static_cast<double>(sum) / fleets; };
  std::cout << fmt::format("schedule of {} devices in {} states, {}: {}\n  of {}: {} not sure to be the best; {:.1f} stages, {:.1f} plans, {:.1f} groups left, {:.1f} "
                           "versions unmet",
                           devices, different, row.name, times.text(), fleets, unsure, mean(stages), mean(moves), mean(left), mean(unmet))
            << std::endl;
}

}  // namespace

int main(int argc, char** argv) {
  const int fleets = argc > 1 ? std::max(1, std::atoi(argv[1])) : 3;
  const std::size_t devices = argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 1'000'000;
  constexpr Row rows[] = {{"one way", Ties::one_way}, {"both ways", Ties::both_ways}, {"both ways, 1 of 20 asleep", Ties::both_ways, 20}};
  for (const Row& row : rows) {
    for (const std::size_t different : {10u, 50u, 100u, 200u, 500u}) schedules(row, devices, different, fleets);
  }
  return 0;
}
