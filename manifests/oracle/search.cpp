#include "manifests/oracle/search.hpp"

#include <algorithm>
#include <queue>
#include <stdexcept>
#include <unordered_map>

#include "manifests/oracle/world.hpp"

namespace lockstep::oracle {
namespace {

using model::Act;
using model::Cost;
using model::Problem;
using model::Step;

// A moment in 64 bits: 16 for each component. Counters and epochs of generated catalogues are below 8.
std::uint64_t packed(const World& world, const Moment& m) {
  std::uint64_t key = 0;
  for (int i = 0; i < world.components(); ++i) {
    const Piece& p = m[static_cast<std::size_t>(i)];
    if (p.counter > 7 || p.epoch > 7) throw std::invalid_argument("a counter or epoch is too large for the oracle");
    // None and torn are 7. Absent is 6, as the last of seven versions is: it is so at all moments, or at none.
    const auto three = [](int v) { return static_cast<std::uint64_t>(v) & 7; };
    const std::uint64_t bits = p.alive != 0 ? p.alive
                                            : three(p.active) | three(p.fallback) << 3 | three(p.staged) << 6 |
                                                  std::uint64_t{p.trial} << 9 | std::uint64_t{p.counter} << 10 | std::uint64_t{p.epoch} << 13;
    key |= bits << (16 * i);
  }
  return key;
}

Cost operator+(const Cost& a, const Cost& b) {
  return {a.irreversible + b.irreversible, a.reboots + b.reboots, a.publications + b.publications, a.bytes + b.bytes};
}

// Of plans that cost the same, the shortest.
struct Weight {
  Cost cost;
  std::size_t steps = 0;

  friend auto operator<=>(const Weight&, const Weight&) = default;
};

bool allowed(const Problem& problem, const Step& step, const Moment& before) {
  for (const model::Target& t : step.targets) {
    const bool brings = step.act != Act::confirm && step.act != Act::finalise && step.act != Act::retire;
    for (const model::Ban& ban : problem.bans) {
      if (brings && ban.component == t.component && ban.version == t.version) return false;
    }
    for (const model::Target& stuck : problem.stuck) {
      if (stuck.component != t.component) continue;
      if (step.act == Act::retire && stuck.version == t.version) return false;
      const Bits old = before[static_cast<std::size_t>(t.component)].alive;
      if (step.act == Act::roll && stuck.version != t.version && ((old >> stuck.version) & 1) != 0) return false;
    }
  }
  return true;
}

class Search {
 public:
  explicit Search(const Problem& problem) : problem_(problem), world_(*problem.catalogue, problem.board) {}

  // Goes through the states in the order of their cost, until `stop` says so. The node where it stopped.
  template <class Weigh, class Stop>
  std::optional<std::size_t> run(Weigh weigh, Stop stop) {
    const auto start = world_.read(problem_.start);
    if (!start || !world_.survives(*start)) return std::nullopt;
    meet(*start, {}, 0, {});
    while (!open_.empty()) {
      const auto [weight, id] = open_.top();
      open_.pop();
      if (nodes_[id].done) continue;
      nodes_[id].done = true;
      const Moment before = nodes_[id].moment;
      if (stop(before)) return id;
      for (Step& step : world_.steps(before)) {
        if (!allowed(problem_, step, before)) continue;
        const Row row = world_.moments(before, step);
        if (row.empty()) continue;
        // A state that was met as cheaply, or found bad, needs no second look.
        const Weight total{weight.cost + weigh(step), weight.steps + 1};
        const auto known = ids_.find(packed(world_, row.back()));
        if (known != ids_.end() && (known->second == bad || nodes_[known->second].weight <= total)) continue;
        if (world_.survives(row, step)) meet(row.back(), total, id, std::move(step));
        else if (known == ids_.end() && !world_.survives(row.back())) ids_.emplace(packed(world_, row.back()), bad);
      }
    }
    return std::nullopt;
  }

  struct Node {
    Moment moment;
    Weight weight;
    std::size_t from = 0;
    Step step;
    bool done = false;
  };
  const World& world() const { return world_; }
  const std::vector<Node>& nodes() const { return nodes_; }

 private:
  void meet(const Moment& moment, const Weight& weight, std::size_t from, Step step) {
    const auto [place, is_new] = ids_.try_emplace(packed(world_, moment), nodes_.size());
    if (is_new) {
      nodes_.push_back({moment, weight, from, std::move(step)});
    } else {
      Node& node = nodes_[place->second];
      node.weight = weight;
      node.from = from;
      node.step = std::move(step);
    }
    open_.push({weight, place->second});
  }

  static constexpr std::size_t bad = ~std::size_t{0};

  const Problem& problem_;
  World world_;
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, std::size_t> ids_;  // into nodes_, or bad
  using Entry = std::pair<Weight, std::size_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open_;
};

}  // namespace

std::optional<Solution> solve(const Problem& problem, std::size_t* states) {
  Search search(problem);
  const World& world = search.world();
  const auto end = search.run([&](const Step& step) { return world.cost(step); },
                              [&](const Moment& m) { return world.reached(m, problem.goal); });
  if (states != nullptr) *states = search.nodes().size();
  if (!end) return std::nullopt;
  Solution out{.plan = {problem.board, problem.start, problem.goal, {}, {}}, .cost = search.nodes()[*end].weight.cost};
  for (std::size_t id = *end; id != 0; id = search.nodes()[id].from) {
    out.plan.steps.push_back(search.nodes()[id].step);
    out.plan.after.push_back(world.write(search.nodes()[id].moment));
  }
  std::reverse(out.plan.steps.begin(), out.plan.steps.end());
  std::reverse(out.plan.after.begin(), out.plan.after.end());
  return out;
}

Extent explore(const Problem& problem) {
  Search search(problem);
  search.run([](const Step&) { return Cost{}; }, [](const Moment&) { return false; });
  Extent out{.states = search.nodes().size()};
  for (const auto& node : search.nodes()) out.steps = std::max(out.steps, node.weight.steps);
  return out;
}

bool is_good(const model::Catalogue& catalogue, const model::Plan& plan) {
  const World world(catalogue, plan.board);
  if (plan.after.size() != plan.steps.size() || plan.goal.versions.size() != catalogue.components.size()) return false;
  for (int i = 0; i < world.components(); ++i) {
    const model::Index wanted = plan.goal.versions[static_cast<std::size_t>(i)];
    if (wanted != model::none && (wanted < 0 || wanted >= world.versions(i))) return false;
  }
  auto now = world.read(plan.start);
  if (!now || !world.survives(*now)) return false;
  for (std::size_t n = 0; n < plan.steps.size(); ++n) {
    const Row row = world.moments(*now, plan.steps[n]);
    const auto said = world.read(plan.after[n]);
    if (row.empty() || !said || *said != row.back() || !world.survives(row, plan.steps[n])) return false;
    now = said;
  }
  return world.reached(*now, plan.goal);
}

std::optional<model::State> after(const model::Catalogue& catalogue, const model::Board& board, const model::State& state,
                                  const Step& step) {
  const World world(catalogue, board);
  const auto before = world.read(state);
  const Row row = before ? world.moments(*before, step) : Row();
  if (row.empty()) return std::nullopt;
  return world.write(row.back());
}

bool obeys(const Problem& problem, const model::Plan& plan) {
  const World world(*problem.catalogue, plan.board);
  const model::State* now = &plan.start;
  for (std::size_t n = 0; n < plan.steps.size(); ++n) {
    if (!allowed(problem, plan.steps[n], *world.read(*now))) return false;
    now = &plan.after[n];
  }
  return true;
}

Cost cost(const model::Catalogue& catalogue, const model::Plan& plan) {
  const World world(catalogue, plan.board);
  Cost sum;
  for (const Step& step : plan.steps) sum = sum + world.cost(step);
  return sum;
}

}  // namespace lockstep::oracle
