#include "host/walk/certified_plan.hpp"

#include "manifests/check/check.hpp"

namespace lockstep::walk {

Outcome<CertifiedPlan> CertifiedPlan::make(std::shared_ptr<const model::Catalogue> catalogue, model::Plan plan) {
  const auto checked = check::check(*catalogue, plan);
  if (!checked) {
    return fail(ErrorKind::refused, "the plan is not certified: " + check::text(*catalogue, plan, checked.error()),
                "nothing was changed; make a new plan");
  }
  return CertifiedPlan(std::move(catalogue), std::move(plan));
}

}  // namespace lockstep::walk
