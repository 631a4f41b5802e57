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

// Weighted searches after the exact one gave up: each greedier than the one before.
constexpr std::uint64_t greeds[] = {2, 5};

class Planner {
 public:
  Planner(const Relations& relations, const model::Problem& problem, const Options& options)
      : problem_(problem), options_(options), budget_(options.limits),
        grounding_{.problem = &problem, .relations = &relations} {}

  Answer run() {
    if (!attempt()) {
      grounding_.finalise = true;
      attempt();
    }
    return std::move(answer_);
  }

 private:
  // Returns whether the answer is final; otherwise there is no plan without irreversible acts.
  bool attempt() {
    groups_.clear();
    legs_.clear();
    weight_ = at_least_ = {};
    std::vector<Net> nets;
    if (const auto final = ground(nets)) return *final;
    auto parts = split(std::move(nets));
    answer_.counts.groups = parts.size();
    for (auto& part : parts) {
      groups_.push_back(make_group(std::move(part)));
      if (!start_is_good(groups_.back())) {
        answer_.verdict = Verdict::none;
        answer_.start_is_bad = true;
        return true;
      }
    }
    for (const Group& group : groups_) {
      if (const auto final = solve(group)) return *final;
    }
    finish();
    return true;
  }

  // Nothing, or whether the answer is final.
  std::optional<bool> ground(std::vector<Net>& nets) {
    const auto kept = worth_keeping(grounding_);
    bool no_way = false;
    answer_.counts.nodes = answer_.counts.edges = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      Net net;
      switch (make_net(grounding_, i, kept[i], net)) {
        case Grounded::ok: break;
        case Grounded::no_way: no_way = true; continue;
        case Grounded::start_is_bad:
          answer_.verdict = Verdict::none;
          answer_.start_is_bad = true;
          return true;
        case Grounded::too_large:
          answer_.verdict = Verdict::gave_up;
          return true;
      }
      answer_.counts.nodes += net.nodes.size();
      answer_.counts.edges += net.edges.size();
      nets.push_back(std::move(net));
    }
    // Nobody can be finalised to any effect: the same search again would tell nothing new.
    const bool helps = std::any_of(nets.begin(), nets.end(), [](const Net& net) {
      return std::any_of(net.edges.begin(), net.edges.end(), [](const Edge& e) { return e.move == Move::finalise; });
    });
    if (!no_way && (helps || !grounding_.finalise)) return std::nullopt;
    answer_.verdict = Verdict::none;
    return grounding_.finalise;
  }

  std::optional<bool> solve(const Group& group) {
    const Heuristic heuristic(group, table_entries);
    const std::uint64_t share = budget_.left(answer_.counts) / 2;
    Found found = search(group, heuristic, 1, share, budget_, answer_.counts);
    const Weight at_least = found.at_least;
    for (const std::uint64_t greed : greeds) {
      if (found.how != Found::How::gave_up) break;
      found = search(group, heuristic, greed, budget_.left(answer_.counts) / 2, budget_, answer_.counts);
    }
    switch (found.how) {
      case Found::How::exhausted: answer_.verdict = Verdict::none; return grounding_.finalise;
      case Found::How::gave_up: answer_.verdict = Verdict::gave_up; return true;
      case Found::How::path: break;
    }
    weight_ = weight_ + found.weight;
    at_least_ = at_least_ + at_least;
    for (const Hop& hop : found.path) {
      const Net& net = group.nets[hop.net];
      legs_.push_back({&net, &net.edges[hop.edge]});
    }
    return std::nullopt;
  }

  void finish() {
    answer_.verdict = Verdict::found;
    model::Plan& plan = answer_.plan;
    plan.board = problem_.board;
    plan.start = problem_.start;
    plan.goal = problem_.goal;
    write_out(*problem_.catalogue, legs_, plan);
    answer_.cost = cost_of(*problem_.catalogue, plan);
    answer_.at_least = cost(at_least_);
    if (options_.finalise_at_end) finalise_all(*problem_.catalogue, plan);
  }

  const model::Problem& problem_;
  const Options& options_;
  Budget budget_;
  Grounding grounding_;
  std::deque<Group> groups_;  // legs_ points into them
  std::vector<Leg> legs_;
  Weight weight_;
  Weight at_least_;
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
