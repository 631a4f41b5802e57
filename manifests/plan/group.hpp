// Nets of components that depend on each other, with the answers to "may i make this move while j is there?" as
// bitsets. Components that do not are in different groups and are planned one after the other.
#pragma once

#include <cstdint>
#include <vector>

#include "manifests/plan/net.hpp"

namespace lockstep::plan {

// The nodes of other nets beside which something may be.
class Guards {
 public:
  // One row for each footprint.
  Guards(const std::vector<Net>& nets, std::size_t self, const std::vector<Footprint>& prints);

  bool allows(std::size_t row, std::size_t other, std::size_t node) const {
    return ((words_[row * stride_ + offset_[other] + node / 64] >> (node % 64)) & 1) != 0;
  }
  // Part of the (row, node) pairs that are not allowed: how strongly the two depend on each other.
  double blocked(std::size_t other) const { return blocked_[other]; }

 private:
  std::size_t stride_ = 0;
  std::vector<std::size_t> offset_;
  std::vector<std::uint64_t> words_;
  std::vector<double> blocked_;
};

struct Group {
  std::vector<Net> nets;
  std::vector<Guards> rests;  // for being at a node: its row is nets[i].rest[node]
  std::vector<Guards> moves;  // for an edge's footprint
  std::vector<std::vector<std::uint32_t>> others;  // nets on which one depends

  bool allows_rest(std::size_t i, std::size_t node, std::size_t other, std::size_t other_node) const {
    return rests[i].allows(nets[i].rest[node], other, other_node);
  }

  std::size_t size() const { return nets.size(); }
};

// Complexity: footprints x nodes for each pair.
Group make_group(std::vector<Net> nets);

// Splits the nets into groups that share no requirement. Ordered by their first component.
std::vector<std::vector<Net>> split(std::vector<Net> nets);

}  // namespace lockstep::plan
