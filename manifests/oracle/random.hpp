// What instances are drawn with.
#pragma once

#include <cstddef>

#include "host/base/random.hpp"

namespace lockstep::oracle {

// In the small signed numbers that versions and components are counted with.
class Random : public lockstep::Random {
 public:
  using lockstep::Random::Random;

  // 0 .. limit-1; 0 for a limit below 1.
  constexpr int below(std::size_t limit) { return static_cast<int>(lockstep::Random::below(limit)); }
  constexpr int below(int limit) { return limit <= 0 ? 0 : below(static_cast<std::size_t>(limit)); }
  constexpr int between(int lowest, int highest) { return lowest + below(highest - lowest + 1); }
  constexpr bool chance(double probability) { return unit() < probability; }
};

}  // namespace lockstep::oracle
