#include "host/cli/planning_watch.hpp"

#include <doctest/doctest.h>

#include <csignal>

namespace lockstep::cli {
namespace {

volatile std::sig_atomic_t outside = 0;
extern "C" void outside_handler(int) { outside = 1; }

TEST_CASE("Ctrl-C ends a search, not the program, and only as long as one runs") {
  const auto before = std::signal(SIGINT, outside_handler);
  Terminal terminal;
  plan::Limits limits;

  const auto stopped = watched(terminal, limits, [&]() -> Outcome<int> {
    CHECK(!limits.stop());
    std::raise(SIGINT);
    CHECK(limits.stop());
    return 1;
  });
  REQUIRE(!stopped);
  CHECK(stopped.error().kind == ErrorKind::cancelled);
  CHECK(outside == 0);
  CHECK(!limits.stop);

  const auto next = watched(terminal, limits, [&]() -> Outcome<int> { return limits.stop() ? 0 : 2; });
  REQUIRE(next);
  CHECK(*next == 2);
  std::raise(SIGINT);
  CHECK(outside == 1);
  std::signal(SIGINT, before);
}

}  // namespace
}  // namespace lockstep::cli
