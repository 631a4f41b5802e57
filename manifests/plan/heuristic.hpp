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

  // `nodes`: one node number per net of the group. `unreachable` when some cluster alone cannot reach the goal.
  template <class Nodes>
  Weight operator()(const Nodes& nodes) const {
    Weight sum;
    for (const Cluster& c : clusters_) {
      const Weight& part = c.table[c.index(nodes)];
      if (part == unreachable) return unreachable;
      sum = sum + part;
    }
    return sum;
  }

 private:
  struct Cluster {
    std::vector<std::uint32_t> nets;
    std::vector<std::size_t> stride;
    std::vector<Weight> table;

    template <class Nodes>
    std::size_t index(const Nodes& nodes) const {
      std::size_t out = 0;
      for (std::size_t m = 0; m < nets.size(); ++m) out += stride[m] * nodes[nets[m]];
      return out;
    }
  };

  static void fill(const Group& group, Cluster& cluster);

  std::vector<Cluster> clusters_;
};

}  // namespace lockstep::plan
