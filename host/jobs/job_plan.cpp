#include "host/jobs/job_plan.hpp"

#include <fmt/format.h>

#include <memory>

#include "host/jobs/planning_thread.hpp"
#include "manifests/plan_file/plan_file.hpp"
#include "manifests/resolve/resolve.hpp"

namespace lockstep::jobs {

Outcome<> must_be_found(const propose::Proposal& proposal, std::string_view device, std::string_view release) {
  if (proposal.verdict == plan::Verdict::found) return {};
  if (proposal.verdict == plan::Verdict::gave_up) {
    return fail(ErrorKind::refused, fmt::format("no plan that takes {} to {} was found within the limits", device, release),
                "try a release that is nearer to what the device has");
  }
  std::string why = fmt::format("{} cannot get {}", device, release);
  for (const std::string& reason : proposal.reasons) why += "\n  - " + reason;
  return fail(ErrorKind::refused, why,
              fmt::format("`lockstep device show {0} --refresh` asks what it runs now, `lockstep device set {0} --software "
                          "COMPONENT=VERSION` tells what software is in use", device));
}

namespace {

bool is_for_people(model::Act act) {
  return act == model::Act::publish || act == model::Act::retire || act == model::Act::roll;
}

// Some step is for us before the first one that is for people.
Outcome<> must_begin_here(const plan_file::Document& document, const model::Report& report, const release::Release& target) {
  if (document.steps.empty() || !is_for_people(document.steps.front().act)) return {};
  std::string first;
  for (const plan_file::Step& step : document.steps) {
    if (!is_for_people(step.act)) break;
    first += (first.empty() ? "" : ", then ") + text(document, step);
  }
  std::string why = fmt::format("{} cannot get {} yet; this is for people, first: {}", report.device.name, target.name(), first);
  for (const resolve::Check& check : resolve::resolve(target, report.device, report.in_use).reasons()) {
    why += "\n  - " + check.text();
  }
  return fail(ErrorKind::refused, why,
              fmt::format("when it is done, say what is in use: `lockstep device set {} --software COMPONENT=VERSION`",
                          report.device.name));
}

}  // namespace

Outcome<std::string> make_plan_document(const PlanningMaterial& material) {
  const model::Report& report = material.reports.front();
  const release::Release& target = material.releases[material.target];
  LOCKSTEP_TRY(planner, propose::Planner::make(material.releases, std::span(&report, 1)));
  LOCKSTEP_TRY(proposal, planner.propose(report, target, {.limits = {.expansions = max_expansions}}));
  LOCKSTEP_CHECK(must_be_found(proposal, report.device.name, target.name()));
  LOCKSTEP_CHECK(must_begin_here(*proposal.document, report, target));
  return to_text(*proposal.document);
}

Outcome<walk::CertifiedPlan> read_plan_document(std::string_view text, std::span<const release::Release> releases) {
  LOCKSTEP_TRY(document, plan_file::parse(text));
  LOCKSTEP_TRY(read, plan_file::read(document, releases));
  auto catalogue = std::make_shared<const model::Catalogue>(std::move(read.catalogue));
  return walk::CertifiedPlan::make(std::move(catalogue), std::move(read.plan));
}

}  // namespace lockstep::jobs
