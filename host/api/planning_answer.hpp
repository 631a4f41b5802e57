// What every answer about plans says beside the plan.
#pragma once

#include "host/api/planning_material.hpp"
#include "host/base/json.hpp"

namespace lockstep::api {

inline json::array left_out_json(const PlanningMaterial& material) {
  json::array out;
  for (const LeftOut& each : material.left_out) out.push_back(json::object{{"release", each.name}, {"why", each.why}});
  return out;
}

}  // namespace lockstep::api
