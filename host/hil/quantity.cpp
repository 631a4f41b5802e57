#include "host/hil/quantity.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace lockstep::hil {
namespace {

struct Unit {
  std::string_view code;
  std::string_view kind;
  double factor;  // to the kind's base unit
};

// What benches measure. Cel has an offset to K, so it is a kind of its own.
constexpr Unit units[] = {
    {"", "number", 1},          {"1", "number", 1},
    {"%", "share", 1},
    {"ns", "time", 1e-9},       {"us", "time", 1e-6},        {"ms", "time", 1e-3},      {"s", "time", 1},
    {"min", "time", 60},        {"h", "time", 3600},         {"d", "time", 86400},
    {"nA", "current", 1e-9},    {"uA", "current", 1e-6},     {"mA", "current", 1e-3},   {"A", "current", 1},
    {"uV", "voltage", 1e-6},    {"mV", "voltage", 1e-3},     {"V", "voltage", 1},
    {"uW", "power", 1e-6},      {"mW", "power", 1e-3},       {"W", "power", 1},
    {"Ohm", "resistance", 1},   {"kOhm", "resistance", 1e3},
    {"Hz", "frequency", 1},     {"kHz", "frequency", 1e3},   {"MHz", "frequency", 1e6},
    {"B", "size", 1},           {"KiB", "size", 1024},       {"MiB", "size", 1048576},  {"GiB", "size", 1073741824},
    {"Cel", "temperature", 1},  {"K", "absolute temperature", 1},
    {"dB", "level", 1},         {"dB[mW]", "radio level", 1},
};

const Unit* find_unit(std::string_view code) {
  for (const Unit& unit : units) {
    if (unit.code == code) return &unit;
  }
  return nullptr;
}

std::string known_units() {
  std::string list;
  for (const Unit& unit : units) {
    if (unit.code.empty()) continue;
    if (!list.empty()) list += ' ';
    list += unit.code;
  }
  return list;
}

}  // namespace

Outcome<Quantity> parse_quantity(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, errc] = std::from_chars(text.data(), end, value, std::chars_format::general);
  if (errc != std::errc() || !std::isfinite(value)) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is no quantity; expected a number and a unit such as 1500 ms", text));
  }
  std::string_view unit(stop, static_cast<std::size_t>(end - stop));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (find_unit(unit) == nullptr) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\": unknown unit \"{}\"; known are {}", text, unit, known_units()));
  }
  return Quantity{value, std::string(unit)};
}

Outcome<double> convert(const Quantity& quantity, std::string_view unit) {
  if (quantity.unit == unit) return quantity.value;
  const Unit* const from = find_unit(quantity.unit);
  const Unit* const to = find_unit(unit);
  if (from == nullptr || to == nullptr) {
    const std::string_view unknown = from == nullptr ? std::string_view(quantity.unit) : unit;
    return fail(ErrorKind::invalid, fmt::format("unknown unit \"{}\"; known are {}", unknown, known_units()));
  }
  if (from->kind != to->kind) {
    return fail(ErrorKind::invalid, fmt::format("\"{}\" is a {}, \"{}\" a {}", quantity.unit, from->kind, unit, to->kind));
  }
  return quantity.value * (from->factor / to->factor);
}

Outcome<std::chrono::milliseconds> parse_duration(std::string_view text) {
  LOCKSTEP_TRY(quantity, parse_quantity(text));
  if (quantity.unit.empty()) {
    return fail(ErrorKind::invalid, fmt::format("duration \"{}\" has no unit; write for example \"{} s\"", text, text));
  }
  LOCKSTEP_TRY(ms, convert(quantity, "ms"));
  constexpr double limit_ms = 30.0 * 86400 * 1000;
  if (ms < 0 || ms > limit_ms) {
    return fail(ErrorKind::invalid, fmt::format("duration \"{}\" is not between 0 and 30 d", text));
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::ceil(ms)));
}

std::string number_text(double value) { return fmt::format("{}", value); }

std::string duration_text(std::chrono::milliseconds duration) {
  if (duration.count() % 60000 == 0 && duration.count() >= 120000) return fmt::format("{} min", duration.count() / 60000);
  if (duration.count() % 1000 == 0 && duration.count() != 0) return fmt::format("{} s", duration.count() / 1000);
  return fmt::format("{} ms", duration.count());
}

}  // namespace lockstep::hil
