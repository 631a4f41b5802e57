// Where in some bytes the four bytes at hand were seen before: chains of equal hashes, latest first.
#pragma once

#include <cstdint>
#include <vector>

#include "protocols/core/bytes.hpp"

namespace lockstep::delta {

inline constexpr std::uint32_t min_match = 4;

class MatchIndex {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  // Borrows the bytes; nothing of them is in the index yet.
  explicit MatchIndex(Bytes bytes);

  // Takes in the place `at`; places come in rising order.
  void insert(std::uint32_t at);
  void insert_all();

  // The latest place that may begin with the same four bytes as `key`, and the one before a place; none at the end.
  std::uint32_t first(Bytes key) const;
  std::uint32_t before(std::uint32_t at) const { return previous_[at]; }

 private:
  Bytes bytes_;
  std::vector<std::uint32_t> heads_;
  std::vector<std::uint32_t> previous_;
};

// How many bytes at the front of both are equal.
std::uint32_t common_prefix(Bytes a, Bytes b);

}  // namespace lockstep::delta
