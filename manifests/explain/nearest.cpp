#include "manifests/explain/nearest.hpp"

#include <algorithm>
#include <bit>

namespace lockstep::explain {
namespace {

using namespace model;
using plan::Verdict;

// More subsets than this are not tried one by one.
constexpr int most_questions = 200;

class Approach {
 public:
  Approach(const Problem& problem, const Effort& effort) : problem_(problem), options_{.limits = effort.limits, .weigh_bytes = false} {
    for (Index i = 0; i < std::ssize(problem.goal.versions); ++i) {
      if (problem.goal.versions[at(i)] != none) wanted_.push_back(i);
    }
    std::fill(problem_.goal.versions.begin(), problem_.goal.versions.end(), none);
    asked_ = problem.goal;
  }

  Outcome<std::optional<Nearest>> run() {
    LOCKSTEP_TRY(relations, plan::Relations::make(*problem_.catalogue));
    relations_ = &relations;
    LOCKSTEP_TRY(waiting, reaches(problem_.goal));
    if (!waiting) return std::optional<Nearest>();
    LOCKSTEP_TRY(most, fewest_left_out());
    if (!most) LOCKSTEP_CHECK(one_by_one());
    for (const Index i : wanted_) {
      if (problem_.goal.versions[at(i)] != none) continue;
      out_.missed.push_back(i);
      LOCKSTEP_CHECK(newest(i));
    }
    // The questions were only whether; this one is how.
    options_.weigh_bytes = true;
    LOCKSTEP_CHECK(reaches(problem_.goal));
    return std::optional<Nearest>(std::move(out_));
  }

 private:
  static std::size_t at(Index i) { return static_cast<std::size_t>(i); }

  // Asks for this goal, and keeps it when it can be reached.
  Outcome<bool> reaches(const Goal& goal) {
    Problem problem = problem_;
    problem.goal = goal;
    LOCKSTEP_TRY(answer, plan::make_plan(*relations_, problem, options_));
    if (answer.verdict == Verdict::gave_up) out_.known = false;
    if (answer.verdict != Verdict::found) return false;
    problem_.goal = goal;
    out_.plan = std::move(answer.plan);
    out_.cost = answer.cost;
    return true;
  }

  // Leaves out none, then one, then two, ...; false when that would be too many questions.
  Outcome<bool> fewest_left_out() {
    int questions = 0;
    const std::uint32_t all = (1u << wanted_.size()) - 1;
    for (int size = 0; size <= std::ssize(wanted_); ++size) {
      for (std::uint32_t left_out = 0; left_out <= all; ++left_out) {
        if (std::popcount(left_out) != size) continue;
        if (++questions > most_questions) return false;
        Goal goal = problem_.goal;
        for (std::size_t n = 0; n < wanted_.size(); ++n) {
          if ((left_out >> n & 1) == 0) goal.versions[at(wanted_[n])] = asked_.versions[at(wanted_[n])];
        }
        LOCKSTEP_TRY(yes, reaches(goal));
        if (yes) return true;
      }
    }
    return false;
  }

  Outcome<> one_by_one() {
    out_.known = false;
    for (const Index i : wanted_) {
      Goal goal = problem_.goal;
      goal.versions[at(i)] = asked_.versions[at(i)];
      LOCKSTEP_CHECK(reaches(goal));
    }
    return {};
  }

  Outcome<> newest(Index i) {
    for (Index v = asked_.versions[at(i)] - 1; v >= 0; --v) {
      Goal goal = problem_.goal;
      goal.versions[at(i)] = v;
      LOCKSTEP_TRY(yes, reaches(goal));
      if (yes) break;
    }
    return {};
  }

  Problem problem_;
  Goal asked_;
  plan::Options options_;
  const plan::Relations* relations_ = nullptr;  // while it runs
  std::vector<Index> wanted_;
  Nearest out_;
};

}  // namespace

Outcome<std::optional<Nearest>> nearest(const Problem& problem, const Effort& effort) { return Approach(problem, effort).run(); }

Lines text(const Problem& problem, const Nearest& nearest) {
  const Catalogue& catalogue = *problem.catalogue;
  Lines out;
  for (Index i = 0; i < std::ssize(problem.goal.versions); ++i) {
    const Index wanted = problem.goal.versions[static_cast<std::size_t>(i)];
    if (wanted == none) continue;
    const Index got = nearest.plan.goal.versions[static_cast<std::size_t>(i)];
    if (got == wanted) out.push_back(catalogue.name(i, got) + " can be reached");
    else if (got == none) out.push_back(catalogue.name(i, wanted) + " cannot, and no version before it");
    else out.push_back(fmt::format("{} instead of {}", catalogue.name(i, got), catalogue.record(i, wanted).version.text()));
  }
  if (!nearest.known) out.push_back("The planner gave up on the way: there may be a nearer one.");
  return out;
}

}  // namespace lockstep::explain
