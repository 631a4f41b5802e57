// The generator from which instances are drawn: the same seed gives the same instance on every machine, which the
// distributions of <random> do not promise. SplitMix64 (Steele, Lea, Flood, 2014).
#pragma once

#include <cstddef>
#include <cstdint>

namespace lockstep::oracle {

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  constexpr std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 .. limit-1; 0 for a limit below 1.
  constexpr int below(std::size_t limit) { return limit == 0 ? 0 : static_cast<int>(next() % limit); }
  constexpr int below(int limit) { return limit <= 0 ? 0 : below(static_cast<std::size_t>(limit)); }
  constexpr int between(int lowest, int highest) { return lowest + below(highest - lowest + 1); }
  constexpr bool chance(double probability) { return static_cast<double>(next() >> 11) * 0x1p-53 < probability; }

 private:
  std::uint64_t state_;
};

}  // namespace lockstep::oracle
