// The plan that a job walks: made from what the device said, kept as a document by its digest, read back after a restart.
// Plain functions; what a job walks is always what was read from a document, whether it was made just now or long ago.
#pragma once

#include <string>
#include <string_view>

#include "host/base/error.hpp"
#include "host/jobs/planning_material.hpp"
#include "host/walk/certified_plan.hpp"
#include "manifests/propose/propose.hpp"

namespace lockstep::jobs {

// refused: there is no plan, with every reason; or none was found within the limit.
Outcome<> must_be_found(const propose::Proposal& proposal, std::string_view device, std::string_view release);

// The document of a plan for the first report. Errors: those of propose::Planner and must_be_found, and refused: people must
// do something first.
Outcome<std::string> make_plan_document(const PlanningMaterial& material);

// Certified anew against these releases. Errors: those of plan_file, and refused: they do not allow it any more.
Outcome<walk::CertifiedPlan> read_plan_document(std::string_view text, std::span<const release::Release> releases);

}  // namespace lockstep::jobs
