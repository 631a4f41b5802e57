#include "manifests/fleet/reach.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <queue>
#include <unordered_set>

#include "manifests/fleet/tracks.hpp"
#include "manifests/fleet/travel.hpp"

namespace lockstep::fleet {
namespace {

using plan::Edge;
using plan::Net;
using plan::Verdict;
using plan::Weight;
using Codes = std::vector<std::uint64_t>;  // of a walker's states, ascending

struct World {
  Nodes nodes;  // of software nets
  std::vector<Codes> sets;  // one per walker
  Weight spent;
  std::size_t parent = 0;
  std::uint32_t net = 0, edge = 0;  // how it came from the parent
};

// Codes that were met.
class Marks {
 public:
  explicit Marks(std::uint64_t codes) : dense_(codes <= most_dense ? codes : 0) {}
  bool has(std::uint64_t code) const { return dense_.empty() ? sparse_.contains(code) : dense_[code]; }
  void mark(std::uint64_t code) {
    if (dense_.empty()) sparse_.insert(code);
    else dense_[code] = true;
  }
  void clear(const Codes& met) {
    sparse_.clear();
    for (const std::uint64_t code : met) {
      if (!dense_.empty()) dense_[code] = false;
    }
  }

 private:
  static constexpr std::uint64_t most_dense = std::uint64_t{1} << 20;
  std::vector<bool> dense_;
  std::unordered_set<std::uint64_t> sparse_;
};

// Which states each walker may be in is all that the search of worlds needs; what they cost is asked on the way that it
// finds (travel.hpp).
class Search {
 public:
  Search(const Question& q, bool finalise) : q_(q), finalise_(finalise) {}

  Way run() {
    if (const auto verdict = make_tracks(q_, finalise_, tracks_)) return {.verdict = *verdict};
    for (const Track& track : tracks_.walkers) marks_.emplace_back(track.codes());
    World first;
    for (const Net& net : software().nets) first.nodes.push_back(net.start);
    for (std::size_t w = 0; w < tracks_.walkers.size(); ++w) {
      const Track& track = tracks_.walkers[w];
      Nodes nodes;
      for (std::size_t i = 0; i < track.own; ++i) nodes.push_back(track.group.nets[i].start);
      nodes.insert(nodes.end(), first.nodes.begin(), first.nodes.end());
      if (!track.stands(nodes)) return {.verdict = Verdict::none};
      first.sets.push_back(spread(w, first.nodes, {track.code(nodes)}));
    }
    open(std::move(first));
    while (!queue_.empty()) {
      const std::size_t id = queue_.top().second;
      queue_.pop();
      if (is_too_much() || (q_.limits.stop && q_.limits.stop())) return {.verdict = Verdict::gave_up};
      if (is_known(id)) {
        worlds_[id].sets.clear();
        continue;
      }
      if (is_goal(worlds_[id])) return {.verdict = Verdict::found, .turns = travel(q_, tracks_, path_to(id))};
      expand(id);
    }
    return {.verdict = Verdict::none};
  }

 private:
  const plan::Group& software() const { return tracks_.software; }
  bool is_too_much() const { return states_ > q_.limits.states; }

  // All states that the walker can go to in this world.
  Codes spread(std::size_t w, const Nodes& world, Codes met) {
    const Track& track = tracks_.walkers[w];
    if (!track.moves) {
      states_ += met.size();
      return met;
    }
    Marks& marks = marks_[w];
    for (const std::uint64_t code : met) marks.mark(code);
    const std::vector<std::vector<bool>> allowed = allowed_in(track, world);
    Nodes nodes;
    for (std::size_t n = 0; n < met.size() && states_ + n <= q_.limits.states; ++n) {
      nodes = track.nodes(met[n], {});
      std::uint64_t stride = 1;
      for (std::size_t i = 0; i < track.own; ++i) {
        const Net& net = track.group.nets[i];
        for (std::uint32_t e = net.first[nodes[i]]; e < net.first[nodes[i] + 1]; ++e) {
          const Edge& edge = net.edges[e];
          if (!allowed[i][edge.print]) continue;
          const std::uint64_t to = met[n] - nodes[i] * stride + edge.to * stride;
          if (marks.has(to) || !fits(track.group.moves[i], edge.print, track.own_others[i], nodes)) continue;
          marks.mark(to);
          met.push_back(to);
        }
        stride *= net.nodes.size();
      }
    }
    states_ += met.size();
    marks.clear(met);
    std::sort(met.begin(), met.end());
    return met;
  }

  // Of each of the device's nets, which of its moves this software allows.
  static std::vector<std::vector<bool>> allowed_in(const Track& track, const Nodes& world) {
    const Nodes nodes = track.nodes(0, world);
    std::vector<std::vector<bool>> out(track.own);
    for (std::size_t i = 0; i < track.own; ++i) {
      for (std::size_t row = 0; row < track.group.nets[i].prints.size(); ++row) {
        out[i].push_back(fits(track.group.moves[i], row, track.software_others[i], nodes));
      }
    }
    return out;
  }

  void open(World world) {
    queue_.push({world.spent, worlds_.size()});
    worlds_.push_back(std::move(world));
  }

  // Whether a world that was looked at allows each walker all that this one does.
  bool is_known(std::size_t id) {
    std::vector<std::size_t>& before = seen_[worlds_[id].nodes];
    const auto within = [&](std::size_t other) {
      for (std::size_t w = 0; w < tracks_.walkers.size(); ++w) {
        const Codes &a = worlds_[id].sets[w], &b = worlds_[other].sets[w];
        if (!std::includes(b.begin(), b.end(), a.begin(), a.end())) return false;
      }
      return true;
    };
    if (std::any_of(before.begin(), before.end(), within)) return true;
    before.push_back(id);
    return false;
  }

  // Whether all software is there, and each walker may be.
  bool is_goal(const World& world) const {
    for (std::size_t s = 0; s < software().size(); ++s) {
      if (!software().nets[s].goal[world.nodes[s]]) return false;
    }
    for (std::size_t w = 0; w < tracks_.walkers.size(); ++w) {
      const Track& track = tracks_.walkers[w];
      const auto there = [&](std::uint64_t code) { return track.is_goal(track.nodes(code, {})); };
      if (std::none_of(world.sets[w].begin(), world.sets[w].end(), there)) return false;
    }
    return true;
  }

  void expand(std::size_t id) {
    for (std::uint32_t s = 0; s < software().size(); ++s) {
      const Net& net = software().nets[s];
      const std::uint32_t node = worlds_[id].nodes[s];
      for (std::uint32_t e = net.first[node]; e < net.first[node + 1]; ++e) {
        const Edge& edge = net.edges[e];
        if (!fits(software().moves[s], edge.print, software().others[s], worlds_[id].nodes)) continue;
        World next{.nodes = worlds_[id].nodes, .sets = {}, .spent = worlds_[id].spent + edge.weight, .parent = id, .net = s, .edge = e};
        next.nodes[s] = edge.to;
        if (!follow(worlds_[id], edge, next)) continue;
        for (std::size_t w = 0; w < tracks_.walkers.size(); ++w) next.sets[w] = spread(w, next.nodes, std::move(next.sets[w]));
        open(std::move(next));
        if (is_too_much()) return;
      }
    }
  }

  // The states of each walker in which this move of software is good; false when one has none.
  bool follow(const World& world, const Edge& edge, World& next) const {
    for (std::size_t w = 0; w < tracks_.walkers.size(); ++w) {
      const Track& track = tracks_.walkers[w];
      const std::size_t i = track.own + next.net;
      Codes seeds = world.sets[w];
      if (!track.own_others[i].empty()) {
        std::erase_if(seeds, [&](std::uint64_t code) {
          return !fits(track.group.moves[i], edge.print, track.own_others[i], track.nodes(code, {}));
        });
      }
      if (seeds.empty()) return false;
      next.sets.push_back(std::move(seeds));
    }
    return true;
  }

  std::vector<Passage> path_to(std::size_t id) const {
    std::vector<Passage> out{{.nodes = worlds_[id].nodes}};
    for (; id != 0; id = worlds_[id].parent) {
      const World& parent = worlds_[worlds_[id].parent];
      out.push_back({.nodes = parent.nodes, .net = worlds_[id].net, .edge = worlds_[id].edge});
    }
    std::reverse(out.begin(), out.end());
    return out;
  }

  const Question& q_;
  bool finalise_;
  Tracks tracks_;
  std::vector<Marks> marks_;  // of each walker, empty between uses
  std::deque<World> worlds_;
  using Item = std::pair<Weight, std::size_t>;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> queue_;
  std::map<Nodes, std::vector<std::size_t>> seen_;
  std::uint64_t states_ = 0;
};

}  // namespace

Way find_way(const Question& question) {
  Way plain = Search(question, false).run();
  if (plain.verdict == Verdict::found) return plain;
  Way last = Search(question, true).run();
  if (last.verdict == Verdict::none && plain.verdict == Verdict::gave_up) last.verdict = Verdict::gave_up;
  return last;
}

}  // namespace lockstep::fleet
