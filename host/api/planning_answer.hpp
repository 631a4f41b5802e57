// What every answer about plans says beside the plan.
#pragma once

#include "host/base/json.hpp"
#include "host/jobs/planning_material.hpp"

namespace lockstep::api {

inline json::array left_out_json(const jobs::PlanningMaterial& material) {
  json::array out;
  for (const jobs::LeftOut& each : material.left_out) out.push_back(json::object{{"release", each.name}, {"why", each.why}});
  return out;
}

}  // namespace lockstep::api
