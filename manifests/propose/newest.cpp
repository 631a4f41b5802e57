#include "manifests/propose/newest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "manifests/check/check.hpp"
#include "manifests/explain/impossible.hpp"
#include "manifests/explain/lines.hpp"
#include "manifests/propose/obstacles.hpp"
#include "manifests/propose/reading.hpp"

namespace lockstep::propose {
namespace {

using choose::Choice;
using model::Index;
using model::none;

constexpr std::size_t most_questions = 120;  // to the planner
constexpr std::size_t most_explained = 2;    // of what is passed over; each is some dozens of questions more

std::size_t at(Index i) { return static_cast<std::size_t>(i); }

version::Range exactly(version::Version version) {
  version.build.clear();
  return *version::Range::parse('=' + version.text());
}

class Search {
 public:
  Search(const Planner& planner, const model::Report& report, model::Problem& problem, Reading& said, const Options& options)
      : planner_(planner), catalogue_(planner.catalogue()), report_(report), problem_(problem), said_(said),
        finalise_(options.finalise), limits_(options.limits), row_nodes_(options.row_nodes) {}

  Outcome<NewestWay> run() {
    plan::Answer answer;
    answer.verdict = plan::Verdict::gave_up;
    LOCKSTEP_TRY(newest, search(answer));
    if (answer.verdict != plan::Verdict::found && first_passed_over_) {
      problem_.goal = *first_passed_over_;
      if (newest.proposal.verdict == plan::Verdict::none) answer.verdict = plan::Verdict::none;
    }
    return NewestWay{.newest = std::move(newest), .problem = problem_, .answer = std::move(answer)};
  }

 private:
  // `last`: the plan, when there is one.
  Outcome<Newest> search(plan::Answer& last) {
    while (true) {
      LOCKSTEP_TRY(choice, choose::choose(said_.wish()));
      if (choice.verdict == Choice::Verdict::gave_up) return give_up();
      if (choice.verdict == Choice::Verdict::none) return no_more(choice);
      out_.sets = Choice::Verdict::found;
      if (questions_ >= most_questions) return too_many();
      aim(choice);
      LOCKSTEP_TRY(like_the_last, is_out_of_reach_like_the_last());
      if (like_the_last) continue;
      LOCKSTEP_TRY(answer, ask(problem_.goal, true));
      if (answer.verdict == plan::Verdict::gave_up) return give_up();
      if (answer.verdict == plan::Verdict::found) {
        last = std::move(answer);
        return found(choice, last);
      }
      LOCKSTEP_CHECK(pass_over());
    }
  }

  Newest give_up() {
    out_.sets = Choice::Verdict::gave_up;
    out_.proposal.verdict = plan::Verdict::gave_up;
    return std::move(out_);
  }

  Newest no_more(const Choice& choice) {
    if (out_.sets == Choice::Verdict::found) return unreachable();
    out_.causes = choice.causes;
    out_.proposal.reasons = choice.causes;
    if (choice.causes.empty()) out_.proposal.reasons.push_back("some component has no version that could be there");
    return std::move(out_);
  }

  Newest unreachable() {
    for (const PassedOver& p : out_.passed_over) {
      if (p.versions.empty()) return start_is_bad(p);
      const std::string why = fmt::format("{}", fmt::join(p.reasons, "; "));
      out_.proposal.reasons.push_back(explain::listed(p.versions) + " cannot be reached" + (why.empty() ? why : ": " + why));
    }
    return std::move(out_);
  }

  Newest start_is_bad(const PassedOver& start) {
    out_.proposal.reasons = start.reasons;
    return std::move(out_);
  }

  Newest too_many() {
    out_.tried_all = false;
    out_.proposal.verdict = plan::Verdict::gave_up;
    return std::move(out_);
  }

  void aim(const Choice& choice) {
    for (std::size_t i = 0; i < choice.versions.size(); ++i) {
      problem_.goal.versions[i] = said_.has_goal(i) ? choice.versions[i] : none;
    }
  }

  // What is spent here is not there for later questions. One that only asks whether there is a plan may spend a part.
  Outcome<plan::Answer> ask(const model::Goal& goal, bool is_the_plan) {
    model::Problem problem = problem_;
    problem.goal = goal;
    plan::Limits limits = limits_;
    if (!is_the_plan) limits.expansions /= 4;
    LOCKSTEP_TRY(answer, plan::make_plan(planner_.relations(), problem,
                                         {.limits = limits, .weigh_bytes = is_the_plan, .finalise_at_end = is_the_plan && finalise_}));
    ++questions_;
    limits_.expansions -= std::min(limits_.expansions, answer.counts.expansions);
    return answer;
  }

  // After a version that no plan reaches comes the one before it, which often has the same fault: one question shows that.
  Outcome<bool> is_out_of_reach_like_the_last() {
    const auto& all = said_.wish().passed_over;
    if (all.empty() || all.back().size() != 1) return false;
    const Index i = all.back()[0].component;
    model::Goal goal{std::vector<Index>(problem_.goal.versions.size(), none)};
    goal.versions[at(i)] = problem_.goal.versions[at(i)];
    LOCKSTEP_TRY(answer, ask(goal, false));
    if (answer.verdict != plan::Verdict::none) return false;
    LOCKSTEP_CHECK(pass_over(goal));
    return true;
  }

  // Leaves out of the goal what is not needed for it to be out of reach, the least weighty first: the fewer versions are
  // passed over together, the more sets are with them.
  Outcome<> pass_over() {
    model::Goal goal = problem_.goal;
    const std::vector<Index> order = said_.wish().order;
    for (auto i = order.rbegin(); i != order.rend(); ++i) {
      if (goal.versions[at(*i)] == none) continue;
      model::Goal less = goal;
      less.versions[at(*i)] = none;
      LOCKSTEP_TRY(answer, ask(less, false));
      if (answer.verdict == plan::Verdict::none) goal = std::move(less);
    }
    return pass_over(goal);
  }

  Outcome<> pass_over(const model::Goal& goal) {
    PassedOver told;
    std::vector<model::Target> together;
    for (std::size_t i = 0; i < goal.versions.size(); ++i) {
      if (goal.versions[i] == none) continue;
      together.push_back({static_cast<Index>(i), goal.versions[i]});
      told.versions.push_back(catalogue_.name(static_cast<Index>(i), goal.versions[i]));
    }
    if (!first_passed_over_) first_passed_over_ = goal;
    if (out_.passed_over.size() < most_explained) LOCKSTEP_CHECK(explain(goal, told));
    out_.passed_over.push_back(std::move(told));
    said_.wish().passed_over.push_back(std::move(together));
    return {};
  }

  Outcome<> explain(const model::Goal& goal, PassedOver& told) const {
    model::Problem problem = problem_;
    problem.goal = goal;
    explain::Effort effort;
    effort.limits.stop = limits_.stop;
    LOCKSTEP_TRY(why, explain::why_impossible(problem, effort));
    for (const check::Violation& v : why.broken) told.reasons.push_back("already now: " + check::text(catalogue_, problem.board, v));
    for (const explain::Cause& cause : why.causes) told.reasons.push_back(explain::text(problem, cause.constraint));
    if (told.reasons.empty()) told.reasons.emplace_back(no_safe_order);
    return {};
  }

  Outcome<Newest> found(const Choice& choice, const plan::Answer& answer) {
    LOCKSTEP_TRY(proposal, planner_.certified(answer, report_, std::string(plan_file::newest_target)));
    out_.proposal = std::move(proposal);
    const model::State& end = answer.plan.after.empty() ? answer.plan.start : answer.plan.after.back();
    std::vector<bool> done(catalogue_.components.size());
    for (const Index i : said_.wish().order) {
      if (!done[at(i)]) LOCKSTEP_CHECK(add_row(at(i), choice, end));
      done[at(i)] = true;
    }
    return std::move(out_);
  }

  Outcome<> add_row(std::size_t i, const Choice& choice, const model::State& end) {
    const model::Component& c = catalogue_.components[i];
    Chosen row{.component = c.label(), .now = versions_text(c, problem_.start.parts[i]),
               .chosen = versions_text(c, end.parts[i]), .newest = {}};
    Index newest = none;
    for (Index v = 0; v < std::ssize(c.versions); ++v) {
      if (!c.versions[at(v)].bare) newest = v;
    }
    if (newest != none) row.newest = c.versions[at(newest)].version.text();
    const model::Part& last = end.parts[i];
    const Index has = said_.is_software(i) ? last.alive.front() : last.active;
    if (has < newest) {
      LOCKSTEP_TRY(why, why_not(i, newest, choice));
      row.why_not_newer = std::move(why);
    }
    out_.components.push_back(std::move(row));
    return {};
  }

  static std::string versions_text(const model::Component& c, const model::Part& part) {
    if (model::on_device(c.kind)) return part.active == model::torn ? "torn" : c.versions[at(part.active)].version.text();
    std::string out;
    for (const Index v : part.alive) out += (out.empty() ? "" : ", ") + c.versions[at(v)].version.text();
    return out;
  }

  // Asks for a set with that version: what leaves none, else what a plan or the order of weights is to blame for.
  Outcome<std::vector<std::string>> why_not(std::size_t i, Index version, const Choice& choice) const {
    using Lines = std::vector<std::string>;
    choose::Wish wish = said_.wish();
    const std::vector<std::vector<model::Target>> passed_over = std::exchange(wish.passed_over, {});
    wish.nodes = row_nodes_;
    wish.pins.push_back({static_cast<Index>(i), exactly(catalogue_.components[i].versions[at(version)].version), ""});
    LOCKSTEP_TRY(without, choose::choose(wish));
    const Lines not_known{"not known: the search for a reason was cut short"};
    if (without.verdict == Choice::Verdict::gave_up) return not_known;
    if (without.verdict == Choice::Verdict::none) {
      Lines causes = without.causes;
      std::erase(causes, "");
      return causes;
    }
    wish.passed_over = passed_over;
    LOCKSTEP_TRY(other, choose::choose(wish));
    if (other.verdict == Choice::Verdict::gave_up) return not_known;
    if (other.verdict == Choice::Verdict::none) return Lines{"no certified plan leads to a set with it"};
    for (const Index j : wish.order) {
      if (at(j) == i) break;
      if (other.versions[at(j)] == choice.versions[at(j)]) continue;
      return Lines{fmt::format("it goes only with {}, and {} weighs more", catalogue_.name(j, other.versions[at(j)]),
                               catalogue_.components[at(j)].label())};
    }
    return Lines{"nothing else needs it newer"};
  }

  const Planner& planner_;
  const model::Catalogue& catalogue_;
  const model::Report& report_;
  model::Problem& problem_;
  Reading& said_;
  bool finalise_;
  plan::Limits limits_;
  std::uint64_t row_nodes_;
  std::size_t questions_ = 0;
  std::optional<model::Goal> first_passed_over_;
  Newest out_;
};

std::string_view text(Choice::Verdict verdict) {
  switch (verdict) {
    case Choice::Verdict::found: return "found";
    case Choice::Verdict::none: return "none";
    case Choice::Verdict::gave_up: return "gave-up";
  }
  return {};
}

json::array array_of(const std::vector<std::string>& texts) { return json::array(texts.begin(), texts.end()); }

}  // namespace

json::object choice_json(const Newest& newest) {
  json::array components, passed_over;
  for (const Chosen& c : newest.components) {
    components.push_back(json::object{{"component", c.component},
                                      {"now", c.now},
                                      {"chosen", c.chosen},
                                      {"newest", c.newest},
                                      {"why_not_newer", array_of(c.why_not_newer)}});
  }
  for (const PassedOver& p : newest.passed_over) {
    passed_over.push_back(json::object{{"versions", array_of(p.versions)}, {"reasons", array_of(p.reasons)}});
  }
  return {{"verdict", text(newest.sets)},
          {"components", std::move(components)},
          {"passed_over", std::move(passed_over)},
          {"tried_all", newest.tried_all},
          {"causes", array_of(newest.causes)}};
}

json::object to_json(const Newest& newest) {
  json::object out = to_json(newest.proposal);
  out["choice"] = choice_json(newest);
  return out;
}

Outcome<NewestWay> find_newest(const Planner& planner, const model::Report& report, const Wishes& wishes, const Options& options) {
  LOCKSTEP_TRY(problem, make_problem(planner.catalogue(), report));
  Reading said(problem, report, wishes, options.scope);
  LOCKSTEP_CHECK(said.run());
  problem.bans.insert(problem.bans.end(), said.bans().begin(), said.bans().end());
  return Search(planner, report, problem, said, options).run();
}

Outcome<Newest> propose_newest(const Planner& planner, const model::Report& report, const Wishes& wishes, const Options& options) {
  LOCKSTEP_TRY(way, find_newest(planner, report, wishes, options));
  return std::move(way.newest);
}

}  // namespace lockstep::propose
