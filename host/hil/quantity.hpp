// Numbers with units, as rig and suite files and measurements have them. Units are UCUM codes ("ms", "mA", "Cel").
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "host/base/error.hpp"

namespace lockstep::hil {

struct Quantity {
  double value = 0;
  std::string unit;  // empty: a plain number
};

// "1500 ms", "-4.5 Cel", "90 %", "12". Errors: invalid (no number, infinite, unknown unit).
Outcome<Quantity> parse_quantity(std::string_view text);

// The same quantity in `unit`. Errors: invalid (unknown unit, or one of another kind: "ms" is no current).
Outcome<double> convert(const Quantity& quantity, std::string_view unit);

// A duration must carry a unit: "20 s", "10 min", "500 us". Errors: invalid (also negative or above 30 days).
Outcome<std::chrono::milliseconds> parse_duration(std::string_view text);

// Shortest text that reads back to the same number.
std::string number_text(double value);
// "90 s", "1500 ms": for messages.
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace lockstep::hil
