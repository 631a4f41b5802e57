// What a request asks about a device's way, and what the answer is made from: the same for the plan and for its account.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

#include "host/api/message.hpp"
#include "host/base/json.hpp"
#include "host/gate/tested_versions.hpp"
#include "host/jobs/planning_material.hpp"
#include "manifests/propose/propose.hpp"
#include "manifests/propose/wishes.hpp"

namespace lockstep::api {

// "true" or "1"; "false", "0" or nothing. Errors: invalid, anything else: nobody's "yes" may count as no.
Outcome<bool> flag_of(const Request& request, const std::string& name);
// Errors: invalid, a query parameter that is none of these: what is misspelt would count as not said.
Outcome<> only_parameters(const Request& request, std::initializer_list<std::string_view> known);

propose::Options options_of(bool finalise, bool everything = false);

struct PlanningQuestion {
  std::string to;
  std::optional<std::string> newest;  // the product, or empty, when the newest versions are asked for
  propose::Wishes wishes;             // without what is tested
  bool tested_only = false;
  propose::Options options;
};

// ?to= finalise= everything= obstacles=, and with to=newest pin= hold= first= tested_only=.
// Errors: those of flag_of and only_parameters; invalid, no `to`, wishes beside the name of a release, or wishes that cannot be read.
Outcome<PlanningQuestion> planning_question(Request& request);

struct QuestionMaterial {
  jobs::PlanningMaterial all;
  propose::Wishes wishes;
  json::object evidence;  // what was left out of it, and which suites failed; only with tested_only
};

// On the store's thread. Errors: those of jobs::material_for_device and material_for_newest, and of reading evidence.
Outcome<QuestionMaterial> material_for(store::Store& store, jobs::ReleaseShelf& shelf, const std::string& device,
                                       const PlanningQuestion& question);

// What every answer says beside the plan: the device, the release and what was left out.
void add_asked(json::object& answer, const QuestionMaterial& material, const PlanningQuestion& question);

}  // namespace lockstep::api
