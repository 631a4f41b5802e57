// The cost of a path in two words, so that the search compares and adds without a loop: model::Cost in its order, then
// the number of steps, so that of two equally good plans the shorter one wins and no step is free.
#pragma once

#include <compare>
#include <cstdint>

#include "manifests/model/state.hpp"

namespace lockstep::plan {

// Fields of `major`: 14 bits irreversible, 26 reboots, 24 publications; of `minor`: 48 bits bytes, 16 steps.
// make_plan refuses inputs of which a thousand steps could overflow a field.
struct Weight {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;

  friend auto operator<=>(const Weight&, const Weight&) = default;
  friend constexpr Weight operator+(const Weight& a, const Weight& b) { return {a.major + b.major, a.minor + b.minor}; }
  friend constexpr Weight operator-(const Weight& a, const Weight& b) { return {a.major - b.major, a.minor - b.minor}; }
  friend constexpr Weight operator*(std::uint64_t n, const Weight& a) { return {n * a.major, n * a.minor}; }
};

inline constexpr Weight unreachable{~std::uint64_t{0}, ~std::uint64_t{0}};
inline constexpr std::uint32_t most_reboots = 1000;                  // of one activation
inline constexpr std::uint64_t most_bytes = std::uint64_t{1} << 38;  // of one file

constexpr Weight weight(const model::Cost& cost, std::uint64_t steps) {
  return {cost.irreversible << 50 | cost.reboots << 24 | cost.publications, cost.bytes << 16 | steps};
}
constexpr model::Cost cost(const Weight& w) {
  return {.irreversible = w.major >> 50, .reboots = (w.major >> 24) & 0x3ff'ffff, .publications = w.major & 0xff'ffff,
          .bytes = w.minor >> 16};
}

}  // namespace lockstep::plan
