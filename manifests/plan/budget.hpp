// What a search may spend. Counts and a callback of the caller; never a clock.
#pragma once

#include <cstdint>
#include <functional>

namespace lockstep::plan {

struct Limits {
  std::uint64_t expansions = 600'000;     // states whose moves are looked at, in all searches of one plan together
  std::uint64_t states = 3'000'000;       // kept in memory at once: about 100 bytes each
  std::function<bool()> stop = {};        // asked at the first and every 1024th expansion; true: give up
};

struct Counts {
  std::uint64_t expansions = 0;
  std::uint64_t states = 0;   // met in all searches
  std::uint64_t nodes = 0;    // of the components' nets, summed
  std::uint64_t edges = 0;
  std::uint64_t groups = 0;   // of components that depend on each other
};

class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}

  // Whether one more expansion is paid for.
  bool spend(Counts& counts) {
    if (stopped_ || counts.expansions >= limits_.expansions) return false;
    if (counts.expansions++ % 1024 == 0) stopped_ = limits_.stop && limits_.stop();
    return !stopped_;
  }
  std::uint64_t left(const Counts& counts) const {
    return stopped_ || counts.expansions >= limits_.expansions ? 0 : limits_.expansions - counts.expansions;
  }
  std::uint64_t states() const { return limits_.states; }

 private:
  const Limits& limits_;
  bool stopped_ = false;
};

}  // namespace lockstep::plan
