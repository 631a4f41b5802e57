// <measure name="boot_time" unit="ms" from="power.on" to="booted" comp="LE" high="1500" marginal="90 %"/>
#include <fmt/format.h>

#include <cmath>

#include "host/hil/limits.hpp"
#include "host/hil/quantity.hpp"
#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"name", xml::Type::identifier, xml::Use::required, "unique in its test"},
    {"unit", xml::Type::text, xml::Use::optional, "UCUM unit of value and limits: ms, mA, Cel"},
    {"from", xml::Type::identifier, xml::Use::optional, "a mark; with to: the time between them"},
    {"to", xml::Type::identifier, xml::Use::optional, "a mark"},
    {"value", xml::Type::text, xml::Use::optional, "instead of from and to: a capture, in `unit` or with its own unit"},
    {"comp", xml::Type::choice, xml::Use::optional, "absent: recorded only", {}, "LE LT GE GT EQ NE GELE EQT"},
    {"low", xml::Type::text, xml::Use::optional, "limit of GE, GT, GELE"},
    {"high", xml::Type::text, xml::Use::optional, "limit of LE, LT, GELE"},
    {"nominal", xml::Type::text, xml::Use::optional, "EQ, NE, EQT"},
    {"tolerance", xml::Type::text, xml::Use::optional, "EQT: distance from nominal, with % a share of it"},
    {"marginal", xml::Type::text, xml::Use::optional, "share of the allowed range that is safe, such as 90 %"},
    mark_attribute,
};
constexpr xml::Element elements[] = {
    {.name = "measure",
     .attributes = attributes,
     .doc = "Takes a number and compares it with its limits. One that is never set fails the test."},
};

bool is_final(std::string_view text) { return text.find("${") == std::string_view::npos; }

Outcome<void> check(const StepSpec& step) {
  const bool marks = step.has("from") && step.has("to");
  if (step.has("from") != step.has("to") || marks == step.has("value")) {
    return fail(ErrorKind::invalid, "expected either from=\"...\" to=\"...\" or value=\"...\"");
  }
  auto as_unit = convert({0, std::string(step.get("unit"))}, marks ? "s" : step.get("unit"));
  if (!as_unit) return Fail(as_unit.error().in("unit"));
  for (const std::string_view limit : {"low", "high", "nominal", "tolerance", "marginal", "value"}) {
    LOCKSTEP_CHECK(check_number(step, limit));
  }
  bool all_final = true;
  for (const auto& [name, text] : step.attributes) all_final = all_final && (name == "value" || is_final(text));
  if (!all_final) return {};
  auto limits = read_limits(step);
  if (!limits) return Fail(limits.error());
  return {};
}

std::vector<std::string> marks_used(const StepSpec& step) {
  if (!step.has("from")) return {};
  return {std::string(step.get("from")), std::string(step.get("to"))};
}

// The number in `unit`; nothing when it was not set.
Outcome<std::optional<double>> take(StepContext& context, const StepSpec& step) {
  const std::string unit(step.get("unit"));
  if (step.has("from")) {
    const auto from = context.marks.find(step.get("from"));
    const auto to = context.marks.find(step.get("to"));
    if (from == context.marks.end() || to == context.marks.end()) return std::optional<double>();
    const std::chrono::duration<double> seconds = to->second.steady - from->second.steady;
    LOCKSTEP_TRY(time, convert({seconds.count(), "s"}, unit));
    return std::optional<double>(time);
  }
  if (step.get("value").empty()) return std::optional<double>();
  LOCKSTEP_TRY(quantity, parse_quantity(step.get("value")));
  if (quantity.unit.empty()) quantity.unit = unit;
  LOCKSTEP_TRY(value, convert(quantity, unit));
  return std::optional<double>(value);
}

asio::awaitable<StepEnd> run(StepContext& context, StepSpec step) {
  auto limits = read_limits(step);
  if (!limits) co_return step_broken(limits.error().what);
  Measurement row{.name = std::string(step.get("name")), .unit = std::string(step.get("unit")),
                  .comparator = limits->comparator, .low = limits->low, .high = limits->high};
  auto value = take(context, step);
  if (!value || !*value) {
    context.measurements.push_back(row);
    co_return step_failed(fmt::format("measurement {} was never set{}", row.name,
                                      value ? std::string() : ": " + value.error().what));
  }
  row.value = **value;
  row.outcome = judge(*limits, *row.value);
  context.measurements.push_back(row);
  const std::string said = fmt::format("{} = {} {}", row.name, number_text(*row.value), row.unit);
  const std::string shown = fmt::format("{:.6g} {}", *row.value, row.unit);
  context.report({.kind = Progress::Kind::measurement, .subject = row.name, .text = shown});
  if (row.outcome == MeasureOutcome::fail) co_return step_failed(fmt::format("{}, must be {}", said, describe(*limits)));
  if (row.outcome == MeasureOutcome::marginal) {
    co_return StepEnd{Verdict::passed_marginal, fmt::format("{}, close to the limit {}", said, describe(*limits)), {}};
  }
  co_return step_passed();
}

std::string about(const StepSpec& step) {
  const std::string source = step.has("from") ? fmt::format("from {} to {}", step.get("from"), step.get("to"))
                                              : std::string(step.get("value"));
  return fmt::format("{} = {}", step.get("name"), source);
}

}  // namespace

constinit const StepKind measure_step{.elements = elements,
                                      .on_deadline = Verdict::error,
                                      .copes_with_missing_values = true,
                                      .only_in_tests = true,
                                      .check = check,
                                      .marks_used = marks_used,
                                      .about = about,
                                      .run = run};

}  // namespace lockstep::hil
