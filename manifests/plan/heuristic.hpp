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
  // Whether the goal can be reached from the start as far as this sees.
  bool reaches(const Group& group) const {
    std::vector<std::uint16_t> start;
    for (const Net& net : group.nets) start.push_back(static_cast<std::uint16_t>(net.start));
    return (*this)(start.data()) != unreachable;
  }
  // What is left when only net i moves: asked for many moves of one net, so everything else is looked up once.
  class Line {
   public:
    // `left`: what is left from `nodes`.
    Line(const Tables& tables, const Weight& left, const std::uint16_t* nodes, std::uint32_t i)
        : stride_(tables.stride_of_[i]) {
      const Cluster& c = tables.clusters_[tables.cluster_of_[i]];
      const std::size_t here = c.index(nodes);
      others_ = left - c.table[here];
      first_ = c.table.data() + (here - stride_ * nodes[i]);
    }
    Weight at(std::uint32_t to) const {
      const Weight& there = first_[stride_ * to];
      return there == unreachable ? unreachable : others_ + there;
    }

   private:
    std::size_t stride_;
    Weight others_;        // of the other clusters
    const Weight* first_;  // where net i is at its node 0
  };

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
    Here(const Heuristic& heuristic, const std::uint16_t* nodes)
        : heuristic_(heuristic), nodes_(nodes), one_(heuristic.one()(nodes)), other_(heuristic.other()(nodes)) {}
    Weight left() const { return std::max(one_, other_); }

    // After a move of net i.
    class Moved {
     public:
      Moved(const Here& here, std::uint32_t i)
          : one_(here.heuristic_.one(), here.one_, here.nodes_, i),
            other_(here.heuristic_.other(), here.other_, here.nodes_, i) {}
      Weight to(std::uint32_t node) const { return std::max(one_.at(node), other_.at(node)); }

     private:
      Tables::Line one_, other_;
    };

   private:
    const Heuristic& heuristic_;
    const std::uint16_t* nodes_;
    Weight one_, other_;
  };

 private:
  const Tables& one() const { return partitions_.front(); }
  const Tables& other() const { return partitions_.back(); }  // the same when one sees all

  std::vector<Tables> partitions_;
};

}  // namespace lockstep::plan
