#include "host/hil/compare.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <boost/json/serialize.hpp>
#include <charconv>

#include "host/hil/quantity.hpp"
#include "host/hil/step.hpp"

namespace lockstep::hil {
namespace {

constexpr std::string_view comparisons[] = {"eq", "ne", "ge", "le", "matches"};

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [stop, errc] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (errc != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

bool equal(std::string_view actual, std::string_view wanted) {
  if (actual == wanted) return true;
  const auto a = number(actual);
  const auto b = number(wanted);
  return a && b && *a == *b;
}

// For ge and le: nothing when it holds.
std::optional<std::string> order(std::string_view actual, std::string_view wanted, bool at_least) {
  const auto a = number(actual);
  const auto b = number(wanted);
  if (!a || !b) return fmt::format("is \"{}\", which cannot be compared as a number with \"{}\"", actual, wanted);
  if (at_least ? *a >= *b : *a <= *b) return std::nullopt;
  return fmt::format("is {}, must be at {} {}", actual, at_least ? "least" : "most", wanted);
}

}  // namespace

std::string plain_text(const boost::json::value& value) {
  if (const auto* text = value.if_string()) return std::string(text->data(), text->size());
  if (const auto* real = value.if_double()) return number_text(*real);
  return boost::json::serialize(value);
}

Outcome<void> check_assert(const StepSpec& assertion) {
  bool any = false;
  for (const std::string_view comparison : comparisons) any = any || assertion.has(comparison);
  if (!any) return fail(ErrorKind::invalid, "expected one of eq, ne, ge, le, matches");
  LOCKSTEP_CHECK(check_number(assertion, "ge"));
  LOCKSTEP_CHECK(check_number(assertion, "le"));
  if (assertion.has("matches")) LOCKSTEP_CHECK(check_pattern(assertion.get("matches")));
  return {};
}

std::optional<std::string> objection(const StepSpec& assertion, const boost::json::value& actual) {
  const std::string text = plain_text(actual);
  if (assertion.has("eq") && !equal(text, assertion.get("eq"))) {
    return fmt::format("is \"{}\", must equal \"{}\"", text, assertion.get("eq"));
  }
  if (assertion.has("ne") && equal(text, assertion.get("ne"))) {
    return fmt::format("is \"{}\", must differ from it", text);
  }
  if (assertion.has("ge")) {
    if (auto why = order(text, assertion.get("ge"), true)) return why;
  }
  if (assertion.has("le")) {
    if (auto why = order(text, assertion.get("le"), false)) return why;
  }
  if (assertion.has("matches")) {
    const RE2 re(std::string(assertion.get("matches")), RE2::Quiet);
    if (!RE2::FullMatch(text, re)) return fmt::format("is \"{}\", must match /{}/", text, re.pattern());
  }
  return std::nullopt;
}

}  // namespace lockstep::hil
