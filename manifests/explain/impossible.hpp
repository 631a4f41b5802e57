// Why there is no plan: a smallest set of constraints that leave no way by themselves.
#pragma once

#include "host/base/error.hpp"
#include "manifests/check/check.hpp"
#include "manifests/explain/constraint.hpp"
#include "manifests/explain/lines.hpp"
#include "manifests/explain/mend.hpp"
#include "manifests/plan/plan.hpp"

namespace lockstep::explain {

// For each question to the planner; an explanation asks some dozens.
struct Effort {
  plan::Limits limits{.expansions = 20'000, .states = 100'000};
};

struct Cause {
  Constraint constraint;
  bool enough = false;  // without this one alone, everything else kept, there is a plan
};

struct Impossible {
  enum class How {
    possible,      // there is a plan
    start_is_bad,  // what is there now is already not safe and live: `broken` says why
    impossible,    // `causes` say why
    unknown,       // the planner gave up: nothing is known
  };
  How how = How::unknown;
  std::vector<check::Violation> broken;
  std::vector<Mend> mends;  // start_is_bad: what people could do about it
  // These alone leave no way, and any of them taken away, the others do. Empty: no way of updating such components leads
  // there, whatever the manifests say.
  std::vector<Cause> causes;
  bool minimal = true;  // false: the planner gave up on the way, so that some of them may be superfluous
};

// Errors: those of plan::make_plan.
Outcome<Impossible> why_impossible(const model::Problem& problem, const Effort& effort = {});

// The problem with another wish: that this version is reached, the others ending as they can.
model::Problem aiming_at(const model::Problem& problem, const model::Target& version);

// Sentences, not numbered.
Lines text(const model::Problem& problem, const Impossible& impossible);
// The causes alone, a clause each, and that they leave no way together when there are several; the above when none are known.
Lines clauses(const model::Problem& problem, const Impossible& impossible);
// Those in one sentence, to stand behind a colon.
std::string sentence(const model::Problem& problem, const Impossible& impossible);

}  // namespace lockstep::explain
