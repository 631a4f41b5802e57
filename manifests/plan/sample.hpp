// Small products for tests, made by hand, and plans as one line of text.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "manifests/plan/plan.hpp"

namespace lockstep::plan::sample {

using model::Kind;
using model::When;

inline version::Version v(std::string_view text) { return *version::parse(text); }
inline version::Range range(std::string_view text) { return *version::Range::parse(text); }

class Lab {
 public:
  Lab() {
    problem_.board = {"node", v("2.0.0")};
    problem_.goal = {};
  }

  // A component with its versions, oldest first, "1.0.0 2.0.0"; it starts with the first one.
  Lab& component(std::string name, Kind kind, std::string_view versions) {
    model::Component c{.name = std::move(name), .kind = kind};
    while (!versions.empty()) {
      const auto blank = versions.find(' ');
      model::Record record{.version = v(versions.substr(0, blank))};
      record.hardware.push_back({.board = "node", .revisions = range("*")});
      record.bytes = 1000;
      c.versions.push_back(std::move(record));
      versions = blank == std::string_view::npos ? "" : versions.substr(blank + 1);
    }
    catalogue_.components.push_back(std::move(c));
    model::Part part;
    if (model::on_device(kind)) part.active = 0;
    if (!model::on_device(kind)) part.alive = {0};
    problem_.start.parts.push_back(part);
    problem_.goal.versions.push_back(model::none);
    return *this;
  }
  model::Component& of(std::string_view name) { return catalogue_.components[at(catalogue_.find(name))]; }
  // "app 2.0.0"
  model::Target target(std::string_view name) const {
    const auto blank = name.find(' ');
    const Index component = catalogue_.find(name.substr(0, blank));
    return {component, catalogue_.components[at(component)].find(v(name.substr(blank + 1)))};
  }
  model::Record& record(std::string_view name) {
    const model::Target t = target(name);
    return catalogue_.components[at(t.component)].versions[at(t.version)];
  }
  model::Part& start(std::string_view component) { return problem_.start.parts[at(catalogue_.find(component))]; }
  Index index(std::string_view name) const { return target(name).version; }

  Lab& needs(std::string_view who, std::string_view component, std::string_view versions, When when = When::active) {
    record(who).needs.push_back({.component = catalogue_.find(component), .range = range(versions), .when = when});
    return *this;
  }
  Lab& from(std::string_view who, std::string_view versions) {
    record(who).from = release::From{.range = range(versions)};
    return *this;
  }
  Lab& goal(std::string_view name) {
    problem_.goal.versions[at(target(name).component)] = target(name).version;
    return *this;
  }
  Lab& ban(std::string_view name) {
    problem_.bans.push_back({target(name).component, target(name).version, "held"});
    return *this;
  }
  Lab& stuck(std::string_view name) {
    problem_.stuck.push_back(target(name));
    return *this;
  }

  Outcome<Answer> ask(const Options& options = {}) {
    problem_.catalogue = &catalogue_;
    return make_plan(problem_, options);
  }
  // "stage app 2.0.0, activate app 2.0.0", "nothing to do", "no plan", "no plan: bad start", "gave up"
  std::string plan(const Options& options = {}) {
    const auto answer = ask(options);
    REQUIRE(answer);
    if (answer->verdict == Verdict::gave_up) return "gave up";
    if (answer->verdict == Verdict::none) return answer->start_is_bad ? "no plan: bad start" : "no plan";
    CHECK(answer->least());
    CHECK(answer->plan.after.size() == answer->plan.steps.size());
    std::string out;
    for (const model::Step& s : answer->plan.steps) out += (out.empty() ? "" : ", ") + text(catalogue_, s);
    return out.empty() ? "nothing to do" : out;
  }

  model::Problem& problem() {
    problem_.catalogue = &catalogue_;
    return problem_;
  }
  model::Catalogue& catalogue() { return catalogue_; }

 private:
  model::Catalogue catalogue_;
  model::Problem problem_;
};

}  // namespace lockstep::plan::sample
