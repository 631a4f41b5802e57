#include "manifests/plan/search.hpp"

#include <algorithm>
#include <queue>

namespace lockstep::plan {
namespace {

constexpr std::uint32_t nobody = 0xffff'ffff;
using Number = std::uint16_t;

// All states met, each a row of node numbers, found again by an open hash table.
class States {
 public:
  explicit States(std::size_t width) : width_(width), table_(1024) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(known_.size()); }
  const Number* row(std::uint32_t id) const { return &rows_[id * width_]; }

  struct Known {
    Weight spent;
    Weight queued = unreachable;  // its valid place in the queue
    std::uint64_t done = 0;       // moves whose estimate has a `major` below this one were made
    std::uint32_t parent = nobody;
    Hop hop;
    bool closed = false;          // nothing cheaper will come
  };
  Known& operator[](std::uint32_t id) { return known_[id]; }

  // The state's number; `fresh` when it was not met before.
  std::uint32_t find(const Number* row, bool& fresh) {
    if (known_.size() * 2 >= table_.size()) grow();
    const std::uint64_t h = hash(row);
    const auto tag = static_cast<std::uint32_t>(h >> 32);
    std::size_t slot = h & (table_.size() - 1);
    for (; table_[slot].id != nobody; slot = (slot + 1) & (table_.size() - 1)) {
      if (table_[slot].tag == tag && std::equal(row, row + width_, this->row(table_[slot].id))) {
        fresh = false;
        return table_[slot].id;
      }
    }
    fresh = true;
    const std::uint32_t id = size();
    table_[slot] = {id, tag};
    rows_.insert(rows_.end(), row, row + width_);
    known_.emplace_back();
    return id;
  }

 private:
  // Part of the hash is kept beside the number: what is not the same is seldom looked at.
  struct Slot {
    std::uint32_t id = nobody;
    std::uint32_t tag = 0;
  };

  std::uint64_t hash(const Number* row) const {
    std::uint64_t h = 0x9e37'79b9'7f4a'7c15;
    for (std::size_t i = 0; i < width_; ++i) h = (h ^ row[i]) * 0xff51'afd7'ed55'8ccd + (h >> 29);
    return h ^ (h >> 32);
  }
  void grow() {
    table_.assign(table_.size() * 2, {});
    for (std::uint32_t id = 0; id < size(); ++id) {
      const std::uint64_t h = hash(row(id));
      std::size_t slot = h & (table_.size() - 1);
      while (table_[slot].id != nobody) slot = (slot + 1) & (table_.size() - 1);
      table_[slot] = {id, static_cast<std::uint32_t>(h >> 32)};
    }
  }

  std::size_t width_;
  std::vector<Number> rows_;
  std::vector<Known> known_;
  std::vector<Slot> table_;
};

struct Item {
  Weight estimate;
  std::uint32_t id = 0;
};
// Cheapest first; of equals the newest, which goes straight on where the estimate is exact.
struct Later {
  bool operator()(const Item& a, const Item& b) const {
    return a.estimate != b.estimate ? a.estimate > b.estimate : a.id < b.id;
  }
};

// A state that was looked at stays in the queue with the least estimate of its moves that are still too dear (partial
// expansion): most moves lead away from the goal, and what they lead to is then never stored.
class Search {
 public:
  Search(const Group& group, const Heuristic& heuristic, std::uint64_t greed, Budget& budget, Counts& counts)
      : group_(group), heuristic_(heuristic), greed_(greed), budget_(budget), counts_(counts), states_(group.size()) {}

  Found run(std::uint64_t share) {
    std::vector<Number> now(group_.size());
    for (std::size_t i = 0; i < now.size(); ++i) now[i] = static_cast<Number>(group_.nets[i].start);
    const Weight left = Heuristic::Here(heuristic_, now.data()).left();
    if (left != unreachable) reach(now.data(), {}, greed_ * left, nobody, {});
    Found out;
    while (!open_.empty()) {
      const Item item = open_.top();
      if (states_[item.id].queued != item.estimate) {
        open_.pop();
        continue;
      }
      now.assign(states_.row(item.id), states_.row(item.id) + now.size());
      if (is_goal(now)) {
        out = path_to(item.id);
        break;
      }
      if (share-- == 0 || states_.size() > budget_.states() || !budget_.spend(counts_)) {
        out.how = Found::How::gave_up;
        out.at_least = greed_ == 1 ? item.estimate : Weight{};
        break;
      }
      open_.pop();
      states_[item.id].closed = true;
      expand(item, now);
    }
    counts_.states += states_.size();
    return out;
  }

 private:
  bool is_goal(const std::vector<Number>& now) const {
    for (std::size_t i = 0; i < now.size(); ++i) {
      if (!group_.nets[i].goal[now[i]]) return false;
    }
    return true;
  }

  void expand(const Item& item, std::vector<Number>& now) {
    const Weight spent = states_[item.id].spent;
    const std::uint64_t done = states_[item.id].done;
    const Heuristic::Here here(heuristic_, now.data());
    Weight later = unreachable;
    for (std::uint32_t i = 0; i < now.size(); ++i) {
      const Net& net = group_.nets[i];
      const Number at_node = now[i];
      const Heuristic::Here::Moved moved(here, i);
      for (std::uint32_t e = net.first[at_node]; e < net.first[at_node + 1u]; ++e) {
        const Weight left = moved.to(net.edges[e].to);
        if (left == unreachable) continue;
        const Weight then = spent + net.edges[e].weight;
        const Weight estimate = then + greed_ * left;
        const bool too_dear = estimate.major > item.estimate.major;
        if (estimate.major < done || (too_dear && !(estimate < later)) || !allowed(i, net.edges[e], now)) continue;
        if (too_dear) {
          later = estimate;
          continue;
        }
        now[i] = static_cast<Number>(net.edges[e].to);
        reach(now.data(), then, estimate, item.id, {i, e});
        now[i] = at_node;
      }
    }
    States::Known& known = states_[item.id];
    known.done = item.estimate.major + 1;
    known.queued = later;
    if (later != unreachable) open_.push({later, item.id});
  }

  bool allowed(std::uint32_t i, const Edge& edge, const std::vector<Number>& now) const {
    const Guards& guards = group_.moves[i];
    return std::all_of(group_.others[i].begin(), group_.others[i].end(),
                       [&](std::uint32_t j) { return guards.allows(edge.print, j, now[j]); });
  }

  void reach(const Number* row, Weight spent, Weight estimate, std::uint32_t parent, Hop hop) {
    bool fresh = false;
    const std::uint32_t id = states_.find(row, fresh);
    States::Known& known = states_[id];
    if (!fresh && (known.closed || known.spent <= spent)) return;
    known.spent = spent;
    known.parent = parent;
    known.hop = hop;
    known.queued = estimate;
    open_.push({estimate, id});
  }

  Found path_to(std::uint32_t id) {
    Found out;
    out.how = Found::How::path;
    out.weight = states_[id].spent;
    out.at_least = greed_ == 1 ? out.weight : Weight{};
    for (; states_[id].parent != nobody; id = states_[id].parent) out.path.push_back(states_[id].hop);
    std::reverse(out.path.begin(), out.path.end());
    return out;
  }

  const Group& group_;
  const Heuristic& heuristic_;
  std::uint64_t greed_;
  Budget& budget_;
  Counts& counts_;
  States states_;
  std::priority_queue<Item, std::vector<Item>, Later> open_;
};

}  // namespace

Found search(const Group& group, const Heuristic& heuristic, std::uint64_t greed, std::uint64_t share, Budget& budget,
             Counts& counts) {
  return Search(group, heuristic, greed, budget, counts).run(share);
}

bool start_is_good(const Group& group) {
  for (std::size_t i = 0; i < group.size(); ++i) {
    for (std::size_t j = 0; j < group.size(); ++j) {
      if (j != i && !group.allows_rest(i, group.nets[i].start, j, group.nets[j].start)) return false;
    }
  }
  return true;
}

}  // namespace lockstep::plan
