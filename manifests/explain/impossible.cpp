#include "manifests/explain/impossible.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "manifests/explain/blame.hpp"
#include "manifests/explain/relax.hpp"

namespace lockstep::explain {
namespace {

using namespace model;
using plan::Verdict;

class Causes {
 public:
  Causes(const Problem& problem, const Effort& effort) : problem_(problem), options_{.limits = effort.limits, .weigh_bytes = false} {}

  Outcome<> run(Impossible& out) {
    LOCKSTEP_TRY(core, grow());
    core_ = std::move(core);
    if (!gave_up_) LOCKSTEP_CHECK(shrink(0, core_.size()));
    for (std::size_t n = 0; n < core_.size(); ++n) {
      if (dropped_[n]) continue;
      LOCKSTEP_TRY(answer, plan::make_plan(without(problem_, {&core_[n], 1}).problem, options_));
      out.causes.push_back({core_[n], answer.verdict == Verdict::found});
    }
    const auto earlier = [](const Cause& a, const Cause& b) { return a.constraint < b.constraint; };
    std::sort(out.causes.begin(), out.causes.end(), earlier);
    out.minimal = !gave_up_;
    return {};
  }

 private:
  // Constraints that leave no way, in the order in which they showed: a plan that keeps to the ones known so far shows
  // by what it breaks which others matter.
  Outcome<std::vector<Constraint>> grow() {
    std::vector<Constraint> order, sorted;
    while (true) {
      const Relaxed relaxed = only(problem_, sorted);
      LOCKSTEP_TRY(answer, plan::make_plan(relaxed.problem, options_));
      if (answer.verdict == Verdict::none) break;
      std::vector<Constraint> more;
      if (answer.verdict == Verdict::found) {
        for (const Constraint& c : broken_by(problem_, answer.plan.steps)) {
          if (!std::binary_search(sorted.begin(), sorted.end(), c)) more.push_back(c);
        }
      }
      if (more.empty()) {
        // Nobody saw why: then all of them, which are known to leave no way.
        order = constraints(problem_);
        break;
      }
      order.insert(order.end(), more.begin(), more.end());
      sorted.insert(sorted.end(), more.begin(), more.end());
      std::sort(sorted.begin(), sorted.end());
    }
    dropped_.assign(order.size(), false);
    return order;
  }

  // Drops what is not needed in [first, last), halves at a time; what showed last goes first.
  Outcome<> shrink(std::size_t first, std::size_t last) {
    if (first == last) return {};
    mark(first, last, true);
    const Relaxed relaxed = only(problem_, kept());
    LOCKSTEP_TRY(answer, plan::make_plan(relaxed.problem, options_));
    if (answer.verdict == Verdict::none) return {};
    mark(first, last, false);
    if (last - first == 1) {
      gave_up_ = gave_up_ || answer.verdict == Verdict::gave_up;
      return {};
    }
    const std::size_t middle = first + (last - first) / 2;
    LOCKSTEP_CHECK(shrink(middle, last));
    return shrink(first, middle);
  }

  void mark(std::size_t first, std::size_t last, bool dropped) {
    for (std::size_t n = first; n < last; ++n) dropped_[n] = dropped;
  }
  std::vector<Constraint> kept() const {
    std::vector<Constraint> out;
    for (std::size_t n = 0; n < core_.size(); ++n) {
      if (!dropped_[n]) out.push_back(core_[n]);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  const Problem& problem_;
  plan::Options options_;
  std::vector<Constraint> core_;
  std::vector<bool> dropped_;
  bool gave_up_ = false;
};

}  // namespace

Outcome<Impossible> why_impossible(const Problem& problem, const Effort& effort) {
  LOCKSTEP_TRY(answer, plan::make_plan(problem, {.limits = effort.limits, .weigh_bytes = false}));
  Impossible out;
  switch (answer.verdict) {
    case Verdict::found: out.how = Impossible::How::possible; return out;
    case Verdict::gave_up: out.how = Impossible::How::unknown; return out;
    case Verdict::none: break;
  }
  if (answer.start_is_bad) {
    out.how = Impossible::How::start_is_bad;
    out.broken = check::check_state(*problem.catalogue, problem.board, problem.start);
    out.mends = mends(problem);
    return out;
  }
  out.how = Impossible::How::impossible;
  LOCKSTEP_CHECK(Causes(problem, effort).run(out));
  return out;
}

Problem aiming_at(const Problem& problem, const Target& version) {
  Problem out = problem;
  std::fill(out.goal.versions.begin(), out.goal.versions.end(), none);
  out.goal.versions[static_cast<std::size_t>(version.component)] = version.version;
  return out;
}

Lines text(const Problem& problem, const Impossible& impossible) {
  Lines out;
  switch (impossible.how) {
    case Impossible::How::possible: return {"There is a plan."};
    case Impossible::How::unknown:
      return {"The planner gave up before it knew whether there is a plan: nothing is known. Allow it more."};
    case Impossible::How::start_is_bad:
      out.push_back("What the device and its users have now is not safe already, so that no update may begin:");
      for (const check::Violation& v : impossible.broken) out.push_back(check::text(*problem.catalogue, problem.board, v));
      out.push_back(text(problem, impossible.mends));
      return out;
    case Impossible::How::impossible: break;
  }
  if (impossible.causes.empty()) {
    return {"No steps lead there, whatever the manifests say: the device lacks a component, or cannot be left as it is."};
  }
  for (const Cause& cause : impossible.causes) {
    out.push_back(text(problem, cause.constraint) + (cause.enough ? ": without this one there is a plan" : ""));
  }
  out.push_back(impossible.minimal ? "Together these leave no way; take any one away, and the others do."
                                   : "Together these leave no way; the planner gave up before it knew whether fewer do.");
  return out;
}

Lines clauses(const Problem& problem, const Impossible& impossible) {
  if (impossible.how != Impossible::How::impossible || impossible.causes.empty()) return text(problem, impossible);
  Lines out;
  for (const Cause& cause : impossible.causes) out.push_back(text(problem, cause.constraint));
  if (out.size() > 1) out.emplace_back("together these leave no way");
  return out;
}

std::string sentence(const Problem& problem, const Impossible& impossible) {
  return fmt::format("{}", fmt::join(clauses(problem, impossible), "; "));
}

}  // namespace lockstep::explain
