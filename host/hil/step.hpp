// What a kind of step is. A new step is one file step_<name>.cpp with a StepKind, and one line in steps.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/hil/bench.hpp"
#include "host/hil/drivers.hpp"
#include "host/hil/engine.hpp"
#include "host/hil/result.hpp"
#include "host/hil/substitute.hpp"
#include "host/hil/suite.hpp"
#include "manifests/xml/schema.hpp"

namespace lockstep::hil {

using Marks = std::map<std::string, Moment, std::less<>>;

// What a step may use while it runs; all of it outlives the step.
struct StepContext {
  Bench& bench;
  Clock& clock;
  const std::map<std::string, Artifact, std::less<>>& artifacts;  // by parameter
  const Suite& suite;
  Values& values;  // parameters, facts and captures; a step adds its captures
  Marks& marks;    // named moments
  std::vector<Measurement>& measurements;
  std::vector<std::pair<std::string, std::string>>& captures;
  std::function<void(Progress)> report;

  void capture(const std::string& name, std::string value);
};

// How a step ended. `moment` is what mark="..." of the step means; its end when nothing is said.
struct StepEnd {
  Verdict verdict = Verdict::passed;
  std::string reason = {};
  std::optional<Moment> moment = {};
};

StepEnd step_passed();
StepEnd step_failed(std::string reason);  // the device did not do what it must
StepEnd step_broken(std::string reason);  // rig or suite trouble
// By the fault that the error's kind names (drivers.hpp).
StepEnd step_error(const Error& error);

struct ReleaseNeed {
  std::string role;
  bool stays = false;  // the device must run it for good in the end
};

struct StepKind {
  // The step's row of the suite table, then the rows of its children.
  std::span<const xml::Element> elements;
  // Attributes and elements that hold a regular expression: values put into them match themselves.
  std::span<const std::string_view> patterns = {};
  // What it means when the engine's deadline ends the step: the device's fault, or the rig's.
  Verdict on_deadline = Verdict::failed;
  // A name without a value fails the step before it runs, unless it copes with it by itself.
  bool copes_with_missing_values = false;
  bool only_in_tests = false;
  // Its children keep their ${name}: the step replaces them itself, when its own captures are known.
  bool replaces_children = false;

  // Beyond the table, while the suite is parsed. Attributes with ${ are not final yet. Null: nothing to check.
  Outcome<void> (*check)(const StepSpec& step) = nullptr;
  // Names of captures that the step can set. Null: none.
  std::vector<std::string> (*captures)(const StepSpec& step) = nullptr;
  // Marks that it reads. Null: none.
  std::vector<std::string> (*marks_used)(const StepSpec& step) = nullptr;
  // One line for people: what it was asked.
  std::string (*about)(const StepSpec& step) = nullptr;
  // The engine's own deadline for a step that has no timeout="..."; null: the suite's.
  std::chrono::milliseconds (*deadline)(const StepSpec& step) = nullptr;
  // The release that it brings. Null: none.
  ReleaseNeed (*release_needed)(const StepSpec& step) = nullptr;
  // Does it. `step` has its ${name} replaced.
  asio::awaitable<StepEnd> (*run)(StepContext& context, StepSpec step) = nullptr;

  std::string_view name() const { return elements.front().name; }
};

// All kinds, in the order of the documentation.
std::span<const StepKind* const> step_kinds();
const StepKind* find_step_kind(std::string_view name);

// Attributes that every step has.
inline constexpr xml::Attribute mark_attribute{"mark", xml::Type::identifier, xml::Use::optional,
                                               "name of the moment of this step, for <measure from= to=>"};
inline constexpr xml::Attribute timeout_attribute{"timeout", xml::Type::duration, xml::Use::optional,
                                                  "after that the engine stops the step; else the suite's step timeout"};

// For check(): whether an attribute without ${ is a duration or quantity. An absent one is right.
Outcome<void> check_duration(const StepSpec& step, std::string_view attribute);
Outcome<void> check_number(const StepSpec& step, std::string_view attribute);
Outcome<void> check_pattern(std::string_view pattern);
// The pattern with a letter for each ${name}: what can be said about it before the values are known.
std::string pattern_sample(std::string_view pattern);

}  // namespace lockstep::hil
