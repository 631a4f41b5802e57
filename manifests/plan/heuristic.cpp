#include "manifests/plan/heuristic.hpp"

#include <algorithm>
#include <queue>

namespace lockstep::plan {
namespace {

using Clusters = Tables::Clusters;
using Coupling = std::vector<std::vector<double>>;  // between nets, both ways

std::size_t entries(const Group& group, const std::vector<std::uint32_t>& nets) {
  std::size_t out = 1;
  for (const std::uint32_t n : nets) out *= group.nets[n].nodes.size();
  return out;
}

double between(const Coupling& coupling, const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
  double out = 0;
  for (const std::uint32_t i : a) {
    for (const std::uint32_t j : b) out += coupling[i][j];
  }
  return out;
}

Clusters make_clusters(const Group& group, const Coupling& coupling, std::size_t most_entries) {
  Clusters out;
  for (std::uint32_t i = 0; i < group.size(); ++i) out.push_back({i});
  for (;;) {
    double best = 0;
    std::size_t a = 0;
    std::size_t b = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      for (std::size_t j = i + 1; j < out.size(); ++j) {
        if (entries(group, out[i]) * entries(group, out[j]) > most_entries) continue;
        const double c = between(coupling, out[i], out[j]);
        if (c > best) {
          best = c;
          a = i;
          b = j;
        }
      }
    }
    if (best <= 0) return out;
    out[a].insert(out[a].end(), out[b].begin(), out[b].end());
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(b));
  }
}

// How much less an edge counts that the first partition has seen.
constexpr double seen_before = 0.05;

struct Item {
  Weight distance;
  std::size_t index = 0;
};
struct Later {
  bool operator()(const Item& a, const Item& b) const {
    return a.distance != b.distance ? a.distance > b.distance : a.index > b.index;
  }
};

}  // namespace

Heuristic::Heuristic(const Group& group, std::size_t most_entries) {
  Coupling coupling(group.size(), std::vector<double>(group.size(), 0));
  for (std::uint32_t i = 0; i < group.size(); ++i) {
    for (const std::uint32_t j : group.others[i]) coupling[i][j] = group.moves[i].blocked(j) + group.moves[j].blocked(i);
  }
  const Clusters first = make_clusters(group, coupling, most_entries);
  partitions_.emplace_back(group, first);
  if (first.size() == 1 || !partitions_[0].reaches(group)) return;
  for (const auto& cluster : first) {
    for (const std::uint32_t i : cluster) {
      for (const std::uint32_t j : cluster) coupling[i][j] *= seen_before;
    }
  }
  const Clusters second = make_clusters(group, coupling, most_entries);
  if (second != first) partitions_.emplace_back(group, second);
}

Tables::Tables(const Group& group, const Clusters& clusters) : cluster_of_(group.size()), stride_of_(group.size()) {
  for (const auto& nets : clusters) {
    Cluster cluster;
    cluster.nets = nets;
    fill(group, cluster);
    for (std::size_t m = 0; m < nets.size(); ++m) {
      cluster_of_[nets[m]] = clusters_.size();
      stride_of_[nets[m]] = cluster.stride[m];
    }
    clusters_.push_back(std::move(cluster));
  }
}

// Dijkstra backwards from every combination of goal nodes.
void Tables::fill(const Group& group, Cluster& cluster) {
  const std::size_t members = cluster.nets.size();
  std::size_t size = 1;
  for (const std::uint32_t n : cluster.nets) {
    cluster.stride.push_back(size);
    size *= group.nets[n].nodes.size();
  }
  cluster.table.assign(size, unreachable);
  std::vector<std::vector<std::vector<const Edge*>>> into(members);
  for (std::size_t m = 0; m < members; ++m) {
    const Net& net = group.nets[cluster.nets[m]];
    into[m].resize(net.nodes.size());
    for (const Edge& e : net.edges) into[m][e.to].push_back(&e);
  }
  std::vector<std::size_t> at_node(members);
  const auto unpack = [&](std::size_t index) {
    for (std::size_t m = 0; m < members; ++m) {
      at_node[m] = index / cluster.stride[m] % group.nets[cluster.nets[m]].nodes.size();
    }
  };
  const auto allowed = [&](const Guards& guards, std::size_t row, std::size_t m) {
    for (std::size_t o = 0; o < members; ++o) {
      if (o != m && !guards.allows(row, cluster.nets[o], at_node[o])) return false;
    }
    return true;
  };

  std::priority_queue<Item, std::vector<Item>, Later> open;
  for (std::size_t index = 0; index < size; ++index) {
    unpack(index);
    bool good = true;
    for (std::size_t m = 0; good && m < members; ++m) {
      good = group.nets[cluster.nets[m]].goal[at_node[m]] && allowed(group.rests[cluster.nets[m]], group.nets[cluster.nets[m]].rest[at_node[m]], m);
    }
    if (!good) continue;
    cluster.table[index] = {};
    open.push({{}, index});
  }
  while (!open.empty()) {
    const Item item = open.top();
    open.pop();
    if (item.distance != cluster.table[item.index]) continue;
    unpack(item.index);
    for (std::size_t m = 0; m < members; ++m) {
      const std::uint32_t n = cluster.nets[m];
      for (const Edge* e : into[m][at_node[m]]) {
        const std::size_t before = item.index - cluster.stride[m] * e->to + cluster.stride[m] * e->from;
        const Weight distance = item.distance + e->weight;
        if (!(distance < cluster.table[before])) continue;
        if (!allowed(group.moves[n], e->print, m) || !allowed(group.rests[n], group.nets[n].rest[e->from], m)) continue;
        cluster.table[before] = distance;
        open.push({distance, before});
      }
    }
  }
}

}  // namespace lockstep::plan
