#include "host/hil/limits.hpp"

#include <fmt/format.h>

#include <cmath>
#include <span>

#include "host/hil/quantity.hpp"

namespace lockstep::hil {
namespace {

struct Comparator {
  std::string_view name;
  bool low, high, nominal, tolerance;  // which limits it takes
};
constexpr Comparator comparators[] = {
    {"LE", false, true, false, false},  {"LT", false, true, false, false}, {"GE", true, false, false, false},
    {"GT", true, false, false, false},  {"EQ", false, false, true, false}, {"NE", false, false, true, false},
    {"GELE", true, true, false, false}, {"EQT", false, false, true, true},
};

const Comparator* find(std::string_view name) {
  for (const Comparator& c : comparators) {
    if (c.name == name) return &c;
  }
  return nullptr;
}

Outcome<std::optional<double>> read(const StepSpec& step, std::string_view attribute, bool wanted) {
  if (step.has(attribute) != wanted) {
    return fail(ErrorKind::invalid, fmt::format("comp=\"{}\" {} {}=\"...\"", step.get("comp"),
                                                wanted ? "needs" : "does not know", attribute));
  }
  if (!wanted) return std::optional<double>();
  LOCKSTEP_TRY(quantity, parse_quantity(step.get(attribute)));
  if (quantity.unit.empty()) return std::optional<double>(quantity.value);
  auto converted = convert(quantity, step.get("unit"));
  if (!converted) return Fail(converted.error().in(attribute));
  return std::optional<double>(*converted);
}

Outcome<double> read_tolerance(const StepSpec& step, double nominal) {
  LOCKSTEP_TRY(quantity, parse_quantity(step.get("tolerance")));
  if (quantity.unit == "%") return std::abs(nominal) * quantity.value / 100;
  if (quantity.unit.empty()) return quantity.value;
  return convert(quantity, step.get("unit"));
}

Outcome<void> read_marginal(const StepSpec& step, Limits& limits) {
  if (!step.has("marginal")) return {};
  LOCKSTEP_TRY(share, parse_quantity(step.get("marginal")));
  if (share.unit != "%" || share.value <= 0 || share.value >= 100) {
    return fail(ErrorKind::invalid, fmt::format("marginal=\"{}\": expected a share such as 90 %", step.get("marginal")));
  }
  limits.safe_share = share.value / 100;
  return {};
}

}  // namespace

Outcome<Limits> read_limits(const StepSpec& measure) {
  Limits limits{.comparator = std::string(measure.get("comp"))};
  if (limits.comparator.empty()) {
    for (const std::string_view limit : {"low", "high", "nominal", "tolerance", "marginal"}) {
      if (measure.has(limit)) return fail(ErrorKind::invalid, fmt::format("{}=\"...\" without comp=\"...\"", limit));
    }
    return limits;
  }
  const Comparator* const kind = find(limits.comparator);
  if (kind == nullptr) return fail(ErrorKind::invalid, fmt::format("unknown comparator \"{}\"", limits.comparator));
  LOCKSTEP_TRY(low, read(measure, "low", kind->low));
  LOCKSTEP_TRY(high, read(measure, "high", kind->high));
  LOCKSTEP_TRY(nominal, read(measure, "nominal", kind->nominal));
  limits.low = nominal ? nominal : low;
  limits.high = nominal ? nominal : high;
  if (kind->tolerance != measure.has("tolerance")) {
    return fail(ErrorKind::invalid, "comp=\"EQT\" and tolerance=\"...\" go together");
  }
  if (kind->tolerance) {
    LOCKSTEP_TRY(tolerance, read_tolerance(measure, *nominal));
    limits.low = *nominal - std::abs(tolerance);
    limits.high = *nominal + std::abs(tolerance);
  }
  if (limits.low && limits.high && *limits.low > *limits.high) return fail(ErrorKind::invalid, "low is above high");
  LOCKSTEP_CHECK(read_marginal(measure, limits));
  return limits;
}

MeasureOutcome judge(const Limits& limits, double value) {
  if (limits.comparator.empty()) return MeasureOutcome::pass;
  if (std::isnan(value)) return MeasureOutcome::fail;
  if (limits.comparator == "EQ") return value == *limits.low ? MeasureOutcome::pass : MeasureOutcome::fail;
  if (limits.comparator == "NE") return value != *limits.low ? MeasureOutcome::pass : MeasureOutcome::fail;
  const bool strict = limits.comparator == "LT" || limits.comparator == "GT";
  if (limits.low && (strict ? value <= *limits.low : value < *limits.low)) return MeasureOutcome::fail;
  if (limits.high && (strict ? value >= *limits.high : value > *limits.high)) return MeasureOutcome::fail;
  if (!limits.safe_share) return MeasureOutcome::pass;
  const double unsafe = 1 - *limits.safe_share;
  double edge_low = limits.low ? unsafe * std::abs(*limits.low) : 0;
  double edge_high = limits.high ? unsafe * std::abs(*limits.high) : 0;
  if (limits.low && limits.high) edge_low = edge_high = unsafe * (*limits.high - *limits.low) / 2;
  const bool near = (limits.low && value < *limits.low + edge_low) || (limits.high && value > *limits.high - edge_high);
  return near ? MeasureOutcome::marginal : MeasureOutcome::pass;
}

std::string describe(const Limits& limits) {
  const std::string& comp = limits.comparator;
  if (comp.empty()) return "anything";
  if (comp == "EQ") return number_text(*limits.low);
  if (comp == "NE") return "other than " + number_text(*limits.low);
  if (limits.low && limits.high) return fmt::format("between {} and {}", number_text(*limits.low), number_text(*limits.high));
  if (limits.low) return (comp == "GT" ? "above " : "at least ") + number_text(*limits.low);
  return (comp == "LT" ? "below " : "at most ") + number_text(*limits.high);
}

}  // namespace lockstep::hil
