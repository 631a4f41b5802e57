// How far a state is from the goal at least.
//
// The nets of a group are put into clusters; for each cluster a table holds the exact distance to the goal of every
// combination of its nodes, all other components forgotten. A move changes one component, hence one cluster: the sum
// over the clusters never says too much (additive pattern databases), and never drops by more than a move costs, so A*
// meets each state once. Clusters grow from single nets by joining the two that block each other most, as long as the
// table stays small: pairs of large nets, whole groups of small ones.
//
// What a partition into clusters cuts, it does not see. So there are two, the second joining what the first cut; the
// larger answer counts.
#pragma once

#include <algorithm>
#include <vector>

#include "manifests/plan/group.hpp"

namespace lockstep::plan {

// One partition.
class Tables {
 public:
  using Clusters = std::vector<std::vector<std::uint32_t>>;

  // Complexity: entries of all tables x moves into a node.
  Tables(const Group& group, const Clusters& clusters);

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
    const Weight& there = c.table[here + stride_of_[i] * to - stride_of_[i] * nodes[i]];
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
  };

  static void fill(const Group& group, Cluster& cluster);

  std::vector<Cluster> clusters_;
  std::vector<std::size_t> cluster_of_;  // one per net
  std::vector<std::size_t> stride_of_;
};

class Heuristic {
 public:
  // No table has more than `most_entries`, except that of a single net.
  Heuristic(const Group& group, std::size_t most_entries);

  // For one state and its neighbours.
  class Here {
   public:
    Here(const Heuristic& heuristic, const std::uint16_t* nodes) : heuristic_(heuristic), nodes_(nodes) {
      for (const Tables& t : heuristic.partitions_) left_.push_back(t(nodes));
    }
    Weight left() const { return *std::max_element(left_.begin(), left_.end()); }
    Weight after(std::uint32_t i, std::uint32_t to) const {
      Weight most;
      for (std::size_t p = 0; p < left_.size(); ++p) {
        most = std::max(most, heuristic_.partitions_[p].after(left_[p], nodes_, i, to));
      }
      return most;
    }

   private:
    const Heuristic& heuristic_;
    const std::uint16_t* nodes_;
    std::vector<Weight> left_;
  };

 private:
  std::vector<Tables> partitions_;
};

}  // namespace lockstep::plan
