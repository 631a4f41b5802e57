// A device of that product whose update needs every kind of step, and its plan. For tests.
#pragma once

#include <doctest/doctest.h>

#include "manifests/check/check.hpp"
#include "manifests/model/problem.hpp"
#include "manifests/plan/plan.hpp"
#include "manifests/plan_file/plan_file.hpp"
#include "manifests/plan_file/sample_releases.hpp"

namespace lockstep::plan_file::sample {

inline model::Report report() {
  const auto v = [](std::string_view text) { return *version::parse(text); };
  return {.device = {.name = "board-3", .board = "node-m3", .revision = "2",
                     .components = {{.component = "app", .version = v("1.0.0"), .security_counter = 1},
                                    {.component = "bootloader", .version = v("1.0.0")}}},
          .slots = {},
          .in_use = {{.component = "backend", .version = v("1.0.0")}, {.component = "mobile-app", .version = v("1.0.0")}}};
}

// From the report above to 2.0.0, with the finalise steps.
inline Document document() {
  const auto all = releases();
  auto catalogue = model::make_catalogue(all);
  REQUIRE_MESSAGE(catalogue, (catalogue ? "" : catalogue.error().what));
  REQUIRE(add_reported(*catalogue, report()));
  const auto problem = make_problem(*catalogue, report(), all[1]);
  REQUIRE_MESSAGE(problem, (problem ? "" : problem.error().what));
  const auto answer = plan::make_plan(*problem, {.limits = {}, .finalise_at_end = true});
  REQUIRE(answer);
  REQUIRE(answer->verdict == plan::Verdict::found);
  REQUIRE(check::check(*catalogue, answer->plan));
  return plan_file::document(*catalogue, answer->plan, {.device = "board-3", .target = "2.0.0", .releases = all});
}

}  // namespace lockstep::plan_file::sample
