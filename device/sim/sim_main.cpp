// lockstep-sim: a simulated device, or a fleet of them. See --help.
#include <fmt/format.h>

#include "device/sim/simulator.hpp"

int main(int argc, char** argv) {
  using namespace lockstep;
  const auto options = sim::parse_options(argc, argv);
  if (!options) return options.error();
  const auto done = options->fleet ? sim::run_fleet(*options->fleet) : sim::run(*options);
  if (done) return 0;
  fmt::print(stderr, "lockstep-sim: {}\n", done.error().what);
  if (!done.error().next.empty()) fmt::print(stderr, "  {}\n", done.error().next);
  return exit_code(done.error());
}
