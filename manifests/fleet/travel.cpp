#include "manifests/fleet/travel.hpp"

#include <algorithm>
#include <queue>
#include <unordered_map>

#include "manifests/plan/write_out.hpp"

namespace lockstep::fleet {
namespace {

using model::Index;
using plan::Edge;
using plan::Net;
using plan::Weight;

constexpr std::uint32_t nobody = 0xffff'ffff;

// A state of a walker in some world, and how it came there.
struct Entry {
  std::uint64_t code = 0;
  Weight spent;
  std::uint32_t parent = nobody;
  bool entered = false;         // the parent is in the world before, and has the same code
  std::uint32_t net = 0, edge = 0;
};

// All states that a walker may be in.
struct Set {
  std::vector<Entry> entries;
  std::unordered_map<std::uint64_t, std::uint32_t> places;
};

class Traveller {
 public:
  Traveller(const Question& q, const Tracks& tracks, const std::vector<Passage>& worlds)
      : q_(q), catalogue_(q.relations->catalogue()), tracks_(tracks), worlds_(worlds) {}

  std::vector<Turn> run() const {
    std::vector<Turn> turns(worlds_.size());
    for (std::size_t w = 0; w < tracks_.walkers.size(); ++w) write(w, legs_of(tracks_.walkers[w]), turns);
    for (std::size_t t = 0; t + 1 < worlds_.size(); ++t) turns[t].software = change(worlds_[t]);
    return turns;
  }

 private:
  using Legs = std::vector<std::vector<plan::Leg>>;  // of each world

  Legs legs_of(const Track& track) const {
    std::vector<Set> sets;
    Nodes nodes;
    for (std::size_t i = 0; i < track.own; ++i) nodes.push_back(track.group.nets[i].start);
    sets.push_back(spread(track, worlds_[0].nodes, {{.code = track.code(nodes)}}));
    for (std::size_t t = 0; t + 1 < worlds_.size(); ++t) {
      sets.push_back(spread(track, worlds_[t + 1].nodes, that_follow(track, worlds_[t], sets.back())));
    }
    Legs legs(worlds_.size());
    std::uint32_t end = goal(track, sets.back());
    for (std::size_t t = worlds_.size(); t-- > 0;) {
      const std::vector<Entry>& entries = sets[t].entries;
      while (entries[end].parent != nobody && !entries[end].entered) {
        const Net& net = track.group.nets[entries[end].net];
        legs[t].push_back({&net, &net.edges[entries[end].edge]});
        end = entries[end].parent;
      }
      std::reverse(legs[t].begin(), legs[t].end());
      if (t != 0) end = entries[end].parent;
    }
    return legs;
  }

  // All states that the walker can go to in this world, cheapest ways first.
  static Set spread(const Track& track, const Nodes& world, const std::vector<Entry>& seeds) {
    Set set;
    using Reached = std::pair<Weight, std::uint32_t>;
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> near;
    const auto is_better = [&](const Entry& entry) {
      const auto place = set.places.find(entry.code);
      return place == set.places.end() || entry.spent < set.entries[place->second].spent;
    };
    const auto meet = [&](const Entry& entry) {
      const auto [place, fresh] = set.places.try_emplace(entry.code, static_cast<std::uint32_t>(set.entries.size()));
      if (fresh) {
        set.entries.push_back(entry);
      } else if (entry.spent < set.entries[place->second].spent) {
        set.entries[place->second] = entry;
      } else {
        return;
      }
      near.push({entry.spent, place->second});
    };
    for (const Entry& seed : seeds) meet(seed);
    while (!near.empty() && track.moves) {
      const auto [spent, id] = near.top();
      near.pop();
      if (spent != set.entries[id].spent) continue;
      const std::uint64_t code = set.entries[id].code;
      const Nodes nodes = track.nodes(code, world);
      std::uint64_t stride = 1;
      for (std::uint32_t i = 0; i < track.own; ++i) {
        const Net& net = track.group.nets[i];
        for (std::uint32_t e = net.first[nodes[i]]; e < net.first[nodes[i] + 1]; ++e) {
          const Edge& edge = net.edges[e];
          const Entry to{.code = code - nodes[i] * stride + edge.to * stride, .spent = spent + edge.weight, .parent = id, .net = i, .edge = e};
          if (is_better(to) && fits(track.group.moves[i], edge.print, track.group.others[i], nodes)) meet(to);
        }
        stride *= net.nodes.size();
      }
    }
    return set;
  }

  std::vector<Entry> that_follow(const Track& track, const Passage& world, const Set& set) const {
    const std::size_t i = track.own + world.net;
    const std::size_t print = tracks_.software.nets[world.net].edges[world.edge].print;
    std::vector<Entry> out;
    for (std::uint32_t n = 0; n < set.entries.size(); ++n) {
      const Nodes nodes = track.nodes(set.entries[n].code, world.nodes);
      if (!fits(track.group.moves[i], print, track.group.others[i], nodes)) continue;
      out.push_back({.code = set.entries[n].code, .spent = set.entries[n].spent, .parent = n, .entered = true});
    }
    return out;
  }

  // The cheapest state at the goal.
  std::uint32_t goal(const Track& track, const Set& set) const {
    std::uint32_t best = nobody;
    for (std::uint32_t n = 0; n < set.entries.size(); ++n) {
      if (best != nobody && set.entries[best].spent <= set.entries[n].spent) continue;
      if (track.is_goal(track.nodes(set.entries[n].code, {}))) best = n;
    }
    return best;
  }

  void write(std::size_t w, const Legs& legs, std::vector<Turn>& turns) const {
    model::State now = q_.walkers[w].device->state;
    for (std::size_t t = 0; t < legs.size(); ++t) {
      if (legs[t].empty()) continue;
      model::Plan plan{.board = q_.walkers[w].device->board, .start = beside(catalogue_, now, in_use(worlds_[t].nodes))};
      plan.goal.versions.assign(catalogue_.components.size(), model::none);
      plan::write_out(catalogue_, legs[t], plan);
      now = plan.after.back();
      turns[t].moves.push_back({w, std::move(plan)});
    }
  }

  std::vector<model::Step> change(const Passage& world) const {
    const Net& net = tracks_.software.nets[world.net];
    const auto alive = in_use(world.nodes);
    model::Plan plan{.start = beside(catalogue_, model::State{std::vector<model::Part>(alive.size())}, alive)};
    plan::write_out(catalogue_, {{&net, &net.edges[world.edge]}}, plan);
    return std::move(plan.steps);
  }

  std::vector<std::vector<Index>> in_use(const Nodes& nodes) const {
    std::vector<std::vector<Index>> out(catalogue_.components.size());
    for (std::size_t s = 0; s < nodes.size(); ++s) out[tracks_.software.nets[s].component] = tracks_.software.nets[s].nodes[nodes[s]].alive;
    return out;
  }

  const Question& q_;
  const model::Catalogue& catalogue_;
  const Tracks& tracks_;
  const std::vector<Passage>& worlds_;
};

}  // namespace

std::vector<Turn> travel(const Question& question, const Tracks& tracks, const std::vector<Passage>& worlds) {
  return Traveller(question, tracks, worlds).run();
}

}  // namespace lockstep::fleet
