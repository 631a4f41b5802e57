#include "manifests/plan/prune.hpp"

#include <algorithm>
#include <utility>

namespace lockstep::plan {
namespace {

// Per node, whether a goal can be reached from it.
std::vector<bool> leads_to_goal(const Net& net) {
  std::vector<std::vector<std::uint32_t>> into(net.nodes.size());
  for (const Edge& e : net.edges) into[e.to].push_back(e.from);
  std::vector<bool> leads = net.goal;
  std::vector<std::uint32_t> open;
  for (std::uint32_t n = 0; n < leads.size(); ++n) {
    if (leads[n]) open.push_back(n);
  }
  while (!open.empty()) {
    const std::uint32_t n = open.back();
    open.pop_back();
    for (const std::uint32_t m : into[n]) {
      if (leads[m]) continue;
      leads[m] = true;
      open.push_back(m);
    }
  }
  return leads;
}

// Gives the new number of each node that is kept.
std::vector<std::uint32_t> keep_nodes(Net& net, const std::vector<bool>& keep) {
  std::vector<std::uint32_t> to(keep.size(), 0);
  std::uint32_t next = 0;
  for (std::uint32_t n = 0; n < keep.size(); ++n) {
    if (!keep[n]) continue;
    to[n] = next;
    if (next != n) {
      net.nodes[next] = std::move(net.nodes[n]);
      net.rest[next] = net.rest[n];
      net.goal[next] = net.goal[n];
    }
    ++next;
  }
  net.nodes.resize(next);
  net.rest.resize(next);
  net.goal.resize(next);
  return to;
}

// Edges come in the order of their nodes.
void keep_edges(Net& net, const std::vector<bool>& keep, const std::vector<std::uint32_t>& to) {
  std::erase_if(net.edges, [&](const Edge& e) { return !keep[e.from] || !keep[e.to]; });
  net.first.assign(net.nodes.size() + 1, 0);
  for (Edge& e : net.edges) {
    e.from = to[e.from];
    e.to = to[e.to];
    ++net.first[e.from + 1];
  }
  for (std::size_t n = 0; n < net.nodes.size(); ++n) net.first[n + 1] += net.first[n];
}

// Drops the footprints that nothing has any more.
template <class User, class Number>
void keep_used(std::vector<Footprint>& prints, std::vector<User>& users, Number number) {
  constexpr std::uint32_t unused = 0xffff'ffff;
  std::vector<std::uint32_t> to(prints.size(), unused);
  std::vector<Footprint> used;
  for (User& user : users) {
    std::uint32_t& n = number(user);
    if (to[n] == unused) {
      to[n] = static_cast<std::uint32_t>(used.size());
      used.push_back(std::move(prints[n]));
    }
    n = to[n];
  }
  prints = std::move(used);
}

}  // namespace

bool prune(Net& net) {
  const std::vector<bool> keep = leads_to_goal(net);
  if (!keep[net.start]) return false;
  const std::vector<std::uint32_t> to = keep_nodes(net, keep);
  keep_edges(net, keep, to);
  keep_used(net.rests, net.rest, [](std::uint32_t& rest) -> std::uint32_t& { return rest; });
  keep_used(net.prints, net.edges, [](Edge& e) -> std::uint32_t& { return e.print; });
  return true;
}

}  // namespace lockstep::plan
