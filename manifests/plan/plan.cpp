#include "manifests/plan/plan.hpp"

#include <algorithm>
#include <deque>

#include "manifests/plan/compress.hpp"
#include "manifests/plan/search.hpp"
#include "manifests/plan/validate.hpp"
#include "manifests/plan/write_out.hpp"

namespace lockstep::plan {
namespace {

constexpr std::size_t table_entries = 1 << 14;

// Expansions that weighing the bytes may always take; else it is four times what the search without them took.
constexpr std::uint64_t least_for_bytes = 30'000;

// Weighted searches after the exact one gave up: each greedier than the one before.
constexpr std::uint64_t greeds[] = {2, 5};

// One try: with or without irreversible moves, with or without regard to bytes.
class Attempt {
 public:
  Attempt(const Grounding& grounding, Budget& budget, Counts& counts)
      : grounding_(grounding), budget_(budget), counts_(counts) {}

  // `share`: expansions that each exact search may take; after that, greedy ones if wanted.
  Verdict run(std::uint64_t share, bool greedy) {
    std::vector<Net> nets;
    if (const auto verdict = ground(nets)) return *verdict;
    auto parts = split(std::move(nets));
    counts_.groups = parts.size();
    for (auto& part : parts) {
      groups_.push_back(make_group(std::move(part)));
      if (!start_is_good(groups_.back())) {
        start_is_bad = true;
        return Verdict::none;
      }
    }
    for (const Group& group : groups_) {
      const Verdict verdict = solve(group, share, greedy);
      if (verdict != Verdict::found) return verdict;
    }
    return Verdict::found;
  }

  bool start_is_bad = false;
  std::vector<Leg> legs;  // they point into this object
  Weight at_least;        // of all groups that were searched

 private:
  // The verdict when there is nothing to search for.
  std::optional<Verdict> ground(std::vector<Net>& nets) {
    const auto kept = worth_keeping(grounding_);
    bool no_way = false;
    counts_.nodes = counts_.edges = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      Net net;
      switch (make_net(grounding_, i, kept[i], net)) {
        case Grounded::ok: break;
        case Grounded::no_way: no_way = true; continue;
        case Grounded::start_is_bad: start_is_bad = true; return Verdict::none;
        case Grounded::too_large: return Verdict::gave_up;
      }
      counts_.nodes += net.nodes.size();
      counts_.edges += net.edges.size();
      nets.push_back(std::move(net));
    }
    // Finalising nothing to any effect: the search without it has told all.
    const bool helps = std::any_of(nets.begin(), nets.end(), [](const Net& net) {
      return std::any_of(net.edges.begin(), net.edges.end(), [](const Edge& e) { return e.move == Move::finalise; });
    });
    if (no_way || (grounding_.finalise && !helps)) return Verdict::none;
    return std::nullopt;
  }

  Verdict solve(const Group& group, std::uint64_t share, bool greedy) {
    const Heuristic heuristic(group, table_entries);
    Found found = search(group, heuristic, 1, share, budget_, counts_);
    at_least = at_least + found.at_least;
    for (const std::uint64_t greed : greeds) {
      if (!greedy || found.how != Found::How::gave_up) break;
      found = search(group, heuristic, greed, budget_.left(counts_) / 2, budget_, counts_);
    }
    switch (found.how) {
      case Found::How::exhausted: return Verdict::none;
      case Found::How::gave_up: return Verdict::gave_up;
      case Found::How::path: break;
    }
    for (const Hop& hop : found.path) {
      const Net& net = group.nets[hop.net];
      legs.push_back({&net, &net.edges[hop.edge]});
    }
    return Verdict::found;
  }

  const Grounding& grounding_;
  Budget& budget_;
  Counts& counts_;
  std::deque<Group> groups_;
};

class Planner {
 public:
  Planner(const Relations& relations, const model::Problem& problem, const Options& options)
      : catalogue_(relations.catalogue()), problem_(problem), options_(options), budget_(options.limits),
        grounding_{.problem = &problem, .relations = &relations, .count_bytes = false} {}

  // Bytes weigh least, but tell versions apart that are otherwise the same. So first without regard to them, which is
  // quick and says whether there is a plan at all; then with them, as long as it is in proportion.
  Answer run() {
    rough();
    if (answer_.verdict == Verdict::none && !answer_.start_is_bad) {
      grounding_.finalise = true;
      rough();
    }
    if (answer_.verdict != Verdict::found) return std::move(answer_);
    if (options_.weigh_bytes && answer_.least_but_bytes()) weigh_bytes();
    if (options_.finalise_at_end) finalise_all(catalogue_, answer_.plan);
    return std::move(answer_);
  }

 private:
  void rough() {
    Attempt attempt(grounding_, budget_, answer_.counts);
    const Verdict verdict = attempt.run(budget_.left(answer_.counts) / 2, true);
    answer_.verdict = verdict;
    answer_.start_is_bad = attempt.start_is_bad;
    if (verdict == Verdict::found) take(attempt);
  }

  void weigh_bytes() {
    if (answer_.cost.bytes == 0) return;
    grounding_.count_bytes = true;
    const Counts before = answer_.counts;
    Attempt attempt(grounding_, budget_, answer_.counts);
    const std::uint64_t share = std::max(least_for_bytes, 4 * before.expansions);
    const Verdict verdict = attempt.run(std::min(share, budget_.left(answer_.counts) / 4), false);
    if (verdict == Verdict::found) return take(attempt);
    answer_.counts.nodes = before.nodes;
    answer_.counts.edges = before.edges;
    answer_.counts.groups = before.groups;
  }

  void take(const Attempt& attempt) {
    answer_.plan = {problem_.board, problem_.start, problem_.goal, {}, {}};
    write_out(catalogue_, attempt.legs, answer_.plan);
    answer_.cost = cost_of(catalogue_, answer_.plan);
    answer_.at_least = cost(attempt.at_least);
  }

  const model::Catalogue& catalogue_;
  const model::Problem& problem_;
  const Options& options_;
  Budget budget_;
  Grounding grounding_;
  Answer answer_;
};

}  // namespace

Outcome<Answer> make_plan(const Relations& relations, const model::Problem& problem, const Options& options) {
  LOCKSTEP_CHECK(validate(problem));
  if (problem.catalogue != &relations.catalogue()) {
    return fail(ErrorKind::invalid, "the problem is about another catalogue than the relations");
  }
  return Planner(relations, problem, options).run();
}

Outcome<Answer> make_plan(const model::Problem& problem, const Options& options) {
  LOCKSTEP_CHECK(validate(problem));
  LOCKSTEP_TRY(relations, Relations::make(*problem.catalogue));
  return make_plan(relations, problem, options);
}

}  // namespace lockstep::plan
