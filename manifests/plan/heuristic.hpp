// How far a state is from the goal at least.
//
// The nets of a group are put into clusters; for each cluster a table holds the exact distance to the goal of every
// combination of its nodes, all other components forgotten. A move changes one component, hence one cluster: the sum
// over the clusters never says too much (additive pattern databases), and never drops by more than a move costs, so A*
// meets each state once. Clusters grow from single nets by joining the two that block each other most, as long as the
// table stays small: pairs of large nets, whole groups of small ones.
#pragma once

#include <vector>

#include "manifests/plan/budget.hpp"
#include "manifests/plan/group.hpp"

namespace lockstep::plan {

class Heuristic {
 public:
  // Complexity: most_entries x moves into a node, for each cluster.
  Heuristic(const Group& group, std::size_t most_entries);

  // Whether one table holds the whole group: then what it says is exact.
  bool exact() const { return clusters_.size() == 1; }
  // Tables of all clusters together.
  std::size_t entries() const;

  // `nodes`: one node number per net of the group. `unreachable` when some cluster alone cannot reach the goal.
  Weight operator()(const std::uint16_t* nodes) const {
    Weight sum;
    for (const Cluster& c : clusters_) {
      const Weight& part = c.table[c.index(nodes)];
      if (part == unreachable) return unreachable;
      sum = sum + part;
    }
    return sum;
  }
  // The same for a state in which net i is at `to` instead; `left` is what is left from `nodes`.
  Weight after(const Weight& left, const std::uint16_t* nodes, std::uint32_t i, std::uint32_t to) const {
    const Cluster& c = clusters_[cluster_of_[i]];
    const std::size_t here = c.index(nodes);
    const Weight& there = c.table[here + c.stride_of(i) * to - c.stride_of(i) * nodes[i]];
    return there == unreachable ? unreachable : left - c.table[here] + there;
  }

 private:
  struct Cluster {
    std::vector<std::uint32_t> nets;
    std::vector<std::size_t> stride;
    std::vector<Weight> table;

    std::size_t index(const std::uint16_t* nodes) const {
      std::size_t out = 0;
      for (std::size_t m = 0; m < nets.size(); ++m) out += stride[m] * nodes[nets[m]];
      return out;
    }
    std::size_t stride_of(std::uint32_t net) const {
      std::size_t m = 0;
      while (nets[m] != net) ++m;
      return stride[m];
    }
  };

  static void fill(const Group& group, Cluster& cluster);

  std::vector<Cluster> clusters_;
  std::vector<std::size_t> cluster_of_;  // one per net
};

}  // namespace lockstep::plan
