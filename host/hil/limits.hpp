// Limits of a measurement: the comparators of ATML and TestStand, with `high` as the upper limit throughout.
#pragma once

#include <optional>
#include <string>

#include "host/base/error.hpp"
#include "host/hil/result.hpp"
#include "host/hil/suite.hpp"

namespace lockstep::hil {

// After EQT was resolved, low and high are the edges of what is allowed; all in the measurement's unit.
struct Limits {
  std::string comparator;      // LE LT GE GT EQ NE GELE EQT, or empty: no limit
  std::optional<double> low;   // GE, GT, GELE, EQT; EQ and NE: the nominal value
  std::optional<double> high;  // LE, LT, GELE, EQT; EQ and NE: the nominal value
  std::optional<double> safe_share;  // 0..1: outside of this share of the range a pass is marginal
};

// From comp, low, high, nominal, tolerance and marginal of a <measure>; limits may carry a unit of their own.
// Errors: invalid (a limit that the comparator needs is missing, one that it does not know is there, low > high).
Outcome<Limits> read_limits(const StepSpec& measure);

// pass, marginal or fail. With one limit the marginal zone is the outer part of the limit's own size:
// LE high=1500 marginal=90 %: above 1350. With two it is the outer part of the range, at each side.
MeasureOutcome judge(const Limits& limits, double value);

// "at most 1500", "between 0.5 and 12".
std::string describe(const Limits& limits);

}  // namespace lockstep::hil
