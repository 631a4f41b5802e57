#include "host/api/planning_question.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "host/api/evidence.hpp"
#include "host/api/planning_answer.hpp"
#include "host/base/text.hpp"
#include "host/jobs/planning_thread.hpp"

namespace lockstep::api {
namespace {

std::vector<std::string> lines_of(Request& request, const std::string& name) {
  std::vector<std::string> out;
  std::istringstream text(request.query[name]);
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) out.push_back(line);
  }
  return out;
}

Outcome<propose::Wishes> wishes_from(Request& request) {
  propose::Wishes out{.first = lines_of(request, "first")};
  for (const std::string& text : lines_of(request, "pin")) {
    LOCKSTEP_TRY(pin, propose::parse_pin(text));
    out.pins.push_back(std::move(pin));
  }
  for (const std::string& text : lines_of(request, "hold")) {
    LOCKSTEP_TRY(hold, propose::parse_hold(text));
    out.holds.push_back(std::move(hold));
  }
  return out;
}

json::object evidence_json(const gate::TestedVersions& tested) {
  json::array left_out;
  for (const gate::Rejected& one : tested.rejected()) left_out.push_back(json::object{{"evidence", one.digest}, {"why", one.why}});
  return {{"failed", json::array(tested.failed().begin(), tested.failed().end())}, {"left_out", std::move(left_out)}};
}

}  // namespace

Outcome<bool> flag_of(const Request& request, const std::string& name) {
  const auto said = request.query.find(name);
  const std::string value = said == request.query.end() ? "" : said->second;
  if (value == "true" || value == "1") return true;
  if (value.empty() || value == "false" || value == "0") return false;
  return fail(ErrorKind::invalid, fmt::format("the query parameter {} is {}, which is neither true nor false", name, in_quotes(value)));
}

Outcome<> only_parameters(const Request& request, std::initializer_list<std::string_view> known) {
  const std::vector<std::string_view> all(known);
  for (const auto& [name, value] : request.query) {
    if (name == "after" || name == "wait_ms" || std::find(all.begin(), all.end(), name) != all.end()) continue;
    const auto meant = closest(name, all);
    return fail(ErrorKind::invalid, fmt::format("the query parameter {} is unknown", in_quotes(name)),
                meant ? "did you mean " + *meant + "?" : fmt::format("there are {}", fmt::join(all, ", ")));
  }
  return {};
}

propose::Options options_of(bool finalise, bool everything) {
  return {.limits = {.expansions = jobs::max_expansions},
          .finalise = finalise,
          .scope = everything ? model::Scope::everything : model::Scope::device};
}

Outcome<PlanningQuestion> planning_question(Request& request) {
  LOCKSTEP_CHECK(only_parameters(request, {"to", "finalise", "everything", "obstacles", "pin", "hold", "first", "tested_only"}));
  LOCKSTEP_TRY(finalise, flag_of(request, "finalise"));
  LOCKSTEP_TRY(everything, flag_of(request, "everything"));
  LOCKSTEP_TRY(only_obstacles, flag_of(request, "obstacles"));
  LOCKSTEP_TRY(tested_only, flag_of(request, "tested_only"));
  PlanningQuestion out{.to = request.query["to"], .newest = propose::newest_of(request.query["to"]), .wishes = {},
                       .tested_only = tested_only, .options = options_of(finalise, everything)};
  out.options.only_obstacles = only_obstacles;
  if (out.to.empty()) return fail(ErrorKind::invalid, "the query parameter to is missing", "say ?to=RELEASE or ?to=newest");
  for (const char* wish : {"pin", "hold", "first", "tested_only"}) {
    if (out.newest || !request.query.contains(wish)) continue;
    return fail(ErrorKind::invalid, fmt::format("the query parameter {} chooses versions, but to={} names them", wish, out.to),
                "say ?to=newest");
  }
  LOCKSTEP_TRY(wishes, wishes_from(request));
  out.wishes = std::move(wishes);
  return out;
}

Outcome<QuestionMaterial> material_for(store::Store& store, jobs::ReleaseShelf& shelf, const std::string& device,
                                       const PlanningQuestion& question) {
  LOCKSTEP_TRY(all, question.newest ? jobs::material_for_newest(store, shelf, device, *question.newest)
                                    : jobs::material_for_device(store, shelf, device, question.to));
  QuestionMaterial out{.all = std::move(all), .wishes = question.wishes, .evidence = {}};
  if (!question.tested_only) return out;
  LOCKSTEP_TRY(tested, tested_versions(store, out.all.releases));
  out.wishes.tested = tested.versions();
  out.evidence = evidence_json(tested);
  return out;
}

void add_asked(json::object& answer, const QuestionMaterial& material, const PlanningQuestion& question) {
  answer["device"] = material.all.reports[0].device.name;
  answer["release"] = question.newest ? std::string(plan_file::newest_target) : material.all.releases[material.all.target].name();
  answer["left_out"] = left_out_json(material.all);
  if (question.tested_only) answer["evidence"] = material.evidence;
}

}  // namespace lockstep::api
