#include "manifests/fleet/reach.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <queue>
#include <unordered_map>

#include "manifests/plan/group.hpp"
#include "manifests/plan/write_out.hpp"

namespace lockstep::fleet {
namespace {

using model::Index;
using plan::at;
using plan::Edge;
using plan::Net;
using plan::Verdict;
using plan::Weight;
using Nodes = std::vector<std::uint32_t>;

constexpr std::uint64_t most_codes = std::uint64_t{1} << 48;
constexpr std::uint32_t nobody = 0xffff'ffff;

// A state of a walker in some world, and how it came there.
struct Entry {
  std::uint64_t code = 0;       // its node of each net, in mixed radix
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

struct Track {
  plan::Group group;     // nets of the device's components, then those of software
  std::size_t own = 0;   // how many are the device's
  bool moves = false;

  Nodes nodes(std::uint64_t code, const Nodes& world) const {
    Nodes out(own);
    for (std::size_t i = 0; i < own; ++i) {
      const std::uint64_t size = group.nets[i].nodes.size();
      out[i] = static_cast<std::uint32_t>(code % size);
      code /= size;
    }
    out.insert(out.end(), world.begin(), world.end());
    return out;
  }
  std::uint64_t code(const Nodes& nodes) const {
    std::uint64_t out = 0;
    for (std::size_t i = own; i-- > 0;) out = out * group.nets[i].nodes.size() + nodes[i];
    return out;
  }
  // Whether net i may make this move, or be at this place, beside the others.
  static bool fits(const plan::Group& group, const plan::Guards& guards, std::size_t row, std::size_t i, const Nodes& nodes) {
    return std::all_of(group.others[i].begin(), group.others[i].end(),
                       [&](std::uint32_t j) { return guards.allows(row, j, nodes[j]); });
  }
  bool stands(const Nodes& nodes) const {
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!fits(group, group.rests[i], group.nets[i].rest[nodes[i]], i, nodes)) return false;
    }
    return true;
  }
  bool is_goal(const Nodes& nodes) const {
    for (std::size_t i = 0; i < own; ++i) {
      if (!group.nets[i].goal[nodes[i]]) return false;
    }
    return true;
  }
};

struct World {
  Nodes nodes;  // of software nets
  std::vector<Set> sets;  // one per walker
  Weight spent;
  std::size_t parent = 0;
  std::uint32_t net = 0, edge = 0;  // how it came from the parent
};

class Search {
 public:
  Search(const Question& q, bool finalise) : q_(q), catalogue_(q.relations->catalogue()), finalise_(finalise) {}

  Way run() {
    if (const auto verdict = ground()) return {.verdict = *verdict};
    World first;
    for (const Net& net : software_.nets) first.nodes.push_back(net.start);
    for (const Track& track : tracks_) {
      Nodes nodes;
      for (std::size_t i = 0; i < track.own; ++i) nodes.push_back(track.group.nets[i].start);
      nodes.insert(nodes.end(), first.nodes.begin(), first.nodes.end());
      if (!track.stands(nodes)) return {.verdict = Verdict::none};
      first.sets.push_back(spread(track, first.nodes, {{.code = track.code(nodes)}}));
    }
    open(std::move(first));
    while (!queue_.empty()) {
      const std::size_t id = queue_.top().second;
      queue_.pop();
      if (states_ > q_.limits.states || (q_.limits.stop && q_.limits.stop())) return {.verdict = Verdict::gave_up};
      if (is_known(id)) {
        worlds_[id].sets.clear();
        continue;
      }
      if (const auto ends = goals(worlds_[id])) return {.verdict = Verdict::found, .turns = trace(id, *ends)};
      expand(id);
    }
    return {.verdict = Verdict::none};
  }

 private:
  // The verdict when there is nothing to search.
  std::optional<Verdict> ground() {
    model::Problem problem{.catalogue = &catalogue_, .goal = q_.goal, .stuck = q_.stuck};
    const std::size_t size = catalogue_.components.size();
    problem.start = beside(catalogue_, model::State{std::vector<model::Part>(size)}, q_.alive);
    for (const Walker& w : q_.walkers) {
      for (const model::Ban& ban : w.device->bans) {
        if (!model::on_device(catalogue_.components[at(ban.component)].kind)) problem.bans.push_back(ban);
      }
    }
    std::vector<Net> software;
    for (std::size_t i = 0; i < size; ++i) {
      if (model::on_device(catalogue_.components[i].kind)) continue;
      if (const auto verdict = add_net(problem, i, software)) return verdict;
    }
    for (const Walker& w : q_.walkers) {
      std::vector<Net> nets;
      if (const auto verdict = add_device(w, nets)) return verdict;
      Track track{.group = {}, .own = nets.size(), .moves = w.moves};
      std::uint64_t codes = 1;
      for (const Net& net : nets) {
        codes *= net.nodes.size();
        if (codes > most_codes) return Verdict::gave_up;
      }
      nets.insert(nets.end(), software.begin(), software.end());
      track.group = plan::make_group(std::move(nets));
      tracks_.push_back(std::move(track));
    }
    software_ = plan::make_group(std::move(software));
    return std::nullopt;
  }

  std::optional<Verdict> add_device(const Walker& w, std::vector<Net>& nets) {
    const model::Problem problem{.catalogue = &catalogue_, .board = w.device->board,
                                 .start = beside(catalogue_, w.device->state, q_.alive), .goal = w.device->goal,
                                 .bans = w.device->bans, .stuck = q_.stuck};
    for (std::size_t i = 0; i < catalogue_.components.size(); ++i) {
      if (!model::on_device(catalogue_.components[i].kind)) continue;
      if (!w.moves) {
        nets.push_back(still(i, w.device->state.parts[i]));
      } else if (const auto verdict = add_net(problem, i, nets)) {
        return verdict;
      }
    }
    return std::nullopt;
  }

  std::optional<Verdict> add_net(const model::Problem& problem, std::size_t i, std::vector<Net>& nets) {
    const plan::Grounding grounding{.problem = &problem, .relations = q_.relations, .finalise = finalise_};
    Net net;
    switch (plan::make_net(grounding, i, q_.kept[i], net)) {
      case plan::Grounded::ok: break;
      case plan::Grounded::start_is_bad:
      case plan::Grounded::no_way: return Verdict::none;
      case plan::Grounded::too_large: return Verdict::gave_up;
    }
    nets.push_back(std::move(net));
    return std::nullopt;
  }

  // What does not move.
  Net still(std::size_t i, const model::Part& part) const {
    return {.component = i, .nodes = {part}, .rests = {plan::Trace(*q_.relations, i).rest(part).print()}, .rest = {0}, .prints = {},
            .edges = {}, .first = {0, 0}, .goal = {true}, .start = 0};
  }

  // All states that the walker can go to in this world, cheapest ways first.
  Set spread(const Track& track, const Nodes& world, std::vector<Entry> seeds) {
    Set set;
    using Reached = std::pair<Weight, std::uint32_t>;
    std::priority_queue<Reached, std::vector<Reached>, std::greater<>> near;
    const auto meet = [&](const Entry& entry) {
      const auto [place, fresh] = set.places.try_emplace(entry.code, static_cast<std::uint32_t>(set.entries.size()));
      if (fresh) {
        set.entries.push_back(entry);
        ++states_;
      } else if (entry.spent < set.entries[place->second].spent) {
        set.entries[place->second] = entry;
      } else {
        return;
      }
      near.push({entry.spent, place->second});
    };
    for (const Entry& seed : seeds) meet(seed);
    while (!near.empty() && track.moves && states_ <= q_.limits.states) {
      const auto [spent, id] = near.top();
      near.pop();
      if (spent != set.entries[id].spent) continue;
      const Nodes nodes = track.nodes(set.entries[id].code, world);
      for (std::uint32_t i = 0; i < track.own; ++i) {
        const Net& net = track.group.nets[i];
        for (std::uint32_t e = net.first[nodes[i]]; e < net.first[nodes[i] + 1]; ++e) {
          const Edge& edge = net.edges[e];
          if (!Track::fits(track.group, track.group.moves[i], edge.print, i, nodes)) continue;
          Nodes to(nodes);
          to[i] = edge.to;
          meet({.code = track.code(to), .spent = spent + edge.weight, .parent = id, .net = i, .edge = e});
        }
      }
    }
    return set;
  }

  void open(World world) {
    queue_.push({world.spent, worlds_.size()});
    worlds_.push_back(std::move(world));
  }

  // Whether a world that was looked at allows each walker all that this one does.
  bool is_known(std::size_t id) {
    std::vector<std::size_t>& before = seen_[worlds_[id].nodes];
    const auto within = [&](std::size_t other) {
      for (std::size_t w = 0; w < tracks_.size(); ++w) {
        const Set &a = worlds_[id].sets[w], &b = worlds_[other].sets[w];
        if (a.entries.size() > b.entries.size()) return false;
        for (const Entry& e : a.entries) {
          if (!b.places.contains(e.code)) return false;
        }
      }
      return true;
    };
    if (std::any_of(before.begin(), before.end(), within)) return true;
    before.push_back(id);
    return false;
  }

  // For each walker the cheapest state at its goal; nothing when somebody or some software is not there.
  std::optional<Nodes> goals(const World& world) const {
    for (std::size_t s = 0; s < software_.size(); ++s) {
      if (!software_.nets[s].goal[world.nodes[s]]) return std::nullopt;
    }
    Nodes out;
    for (std::size_t w = 0; w < tracks_.size(); ++w) {
      const std::vector<Entry>& entries = world.sets[w].entries;
      std::uint32_t best = nobody;
      for (std::uint32_t n = 0; n < entries.size(); ++n) {
        if (best != nobody && entries[best].spent <= entries[n].spent) continue;
        if (tracks_[w].is_goal(tracks_[w].nodes(entries[n].code, world.nodes))) best = n;
      }
      if (best == nobody) return std::nullopt;
      out.push_back(best);
    }
    return out;
  }

  void expand(std::size_t id) {
    for (std::uint32_t s = 0; s < software_.size(); ++s) {
      const Net& net = software_.nets[s];
      const std::uint32_t node = worlds_[id].nodes[s];
      for (std::uint32_t e = net.first[node]; e < net.first[node + 1]; ++e) {
        const Edge& edge = net.edges[e];
        if (!Track::fits(software_, software_.moves[s], edge.print, s, worlds_[id].nodes)) continue;
        World next{.nodes = worlds_[id].nodes, .sets = {}, .spent = worlds_[id].spent + edge.weight, .parent = id, .net = s, .edge = e};
        next.nodes[s] = edge.to;
        for (std::size_t w = 0; w < tracks_.size(); ++w) {
          std::vector<Entry> seeds = that_follow(tracks_[w], worlds_[id], worlds_[id].sets[w], s, edge.print);
          if (seeds.empty()) break;
          next.sets.push_back(spread(tracks_[w], next.nodes, std::move(seeds)));
        }
        if (next.sets.size() == tracks_.size()) open(std::move(next));
        if (states_ > q_.limits.states) return;
      }
    }
  }

  static std::vector<Entry> that_follow(const Track& track, const World& world, const Set& set, std::size_t s, std::size_t print) {
    std::vector<Entry> out;
    for (std::uint32_t n = 0; n < set.entries.size(); ++n) {
      const Nodes nodes = track.nodes(set.entries[n].code, world.nodes);
      if (!Track::fits(track.group, track.group.moves[track.own + s], print, track.own + s, nodes)) continue;
      out.push_back({.code = set.entries[n].code, .spent = set.entries[n].spent, .parent = n, .entered = true});
    }
    return out;
  }

  // ends: the place of each walker's end in its set.
  std::vector<Turn> trace(std::size_t id, Nodes ends) const {
    std::vector<Turn> turns;
    std::vector<std::vector<std::vector<plan::Leg>>> legs;  // of each turn and walker, the last turn first
    std::vector<std::size_t> path;
    for (;; id = worlds_[id].parent) {
      const World& world = worlds_[id];
      path.push_back(id);
      auto& of_turn = legs.emplace_back(tracks_.size());
      for (std::size_t w = 0; w < tracks_.size(); ++w) {
        const std::vector<Entry>& entries = world.sets[w].entries;
        while (entries[ends[w]].parent != nobody && !entries[ends[w]].entered) {
          const Entry& entry = entries[ends[w]];
          const Net& net = tracks_[w].group.nets[entry.net];
          of_turn[w].push_back({&net, &net.edges[entry.edge]});
          ends[w] = entry.parent;
        }
        std::reverse(of_turn[w].begin(), of_turn[w].end());
        if (id != 0) ends[w] = entries[ends[w]].parent;
      }
      if (id == 0) break;
    }
    std::vector<model::State> now;
    for (const Walker& w : q_.walkers) now.push_back(w.device->state);
    for (std::size_t t = path.size(); t-- > 0;) turns.push_back(turn(path, legs, t, now));
    return turns;
  }

  Turn turn(const std::vector<std::size_t>& path, const std::vector<std::vector<std::vector<plan::Leg>>>& legs, std::size_t t,
            std::vector<model::State>& now) const {
    Turn out;
    const auto alive = in_use(worlds_[path[t]].nodes);
    for (std::size_t w = 0; w < tracks_.size(); ++w) {
      if (legs[t][w].empty()) continue;
      model::Plan plan{.board = q_.walkers[w].device->board, .start = beside(catalogue_, now[w], alive)};
      plan.goal.versions.assign(catalogue_.components.size(), model::none);
      plan::write_out(catalogue_, legs[t][w], plan);
      now[w] = plan.after.back();
      out.moves.push_back({w, std::move(plan)});
    }
    if (t == 0) return out;
    const World& next = worlds_[path[t - 1]];
    const Net& net = software_.nets[next.net];
    model::Plan change{.start = beside(catalogue_, model::State{std::vector<model::Part>(alive.size())}, alive)};
    plan::write_out(catalogue_, {{&net, &net.edges[next.edge]}}, change);
    out.software = std::move(change.steps);
    return out;
  }

  std::vector<std::vector<Index>> in_use(const Nodes& nodes) const {
    std::vector<std::vector<Index>> out(catalogue_.components.size());
    for (std::size_t s = 0; s < nodes.size(); ++s) out[software_.nets[s].component] = software_.nets[s].nodes[nodes[s]].alive;
    return out;
  }

  const Question& q_;
  const model::Catalogue& catalogue_;
  bool finalise_;
  plan::Group software_;
  std::vector<Track> tracks_;
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
