// Numbers that are the same for the same seed on every machine and with every compiler, which the distributions of <random>
// do not promise: a fleet's scenario and a random test mean something by their seed.
#pragma once

#include <cstdint>
#include <string_view>

namespace lockstep {

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
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
  // 0 .. limit-1; 0 for a limit of 0. What the remainder prefers is below 2^-32 for the small numbers drawn here.
  constexpr std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }
  // 0 <= x < 1.
  constexpr double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  // A generator of its own for `name`, so that a new group or a new fault changes nothing for the others.
  constexpr Random fork(std::string_view name) const {
    std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return Random(Random(state_ ^ hash).next());
  }

 private:
  std::uint64_t state_;
};

}  // namespace lockstep
