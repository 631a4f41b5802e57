// The list of all step kinds, and what they share.
#include "host/hil/steps.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include "host/hil/quantity.hpp"

namespace lockstep::hil {
namespace {

constexpr const StepKind* kinds[] = {&power_step,   &flash_step,   &update_step, &expect_step,
                                     &request_step, &measure_step, &wait_step,   &log_step};

bool is_final(std::string_view text) { return text.find("${") == std::string_view::npos; }

}  // namespace

std::span<const StepKind* const> step_kinds() { return kinds; }

const StepKind* find_step_kind(std::string_view name) {
  for (const StepKind* kind : kinds) {
    if (kind->name() == name) return kind;
  }
  return nullptr;
}

std::string_view StepSpec::get(std::string_view attribute) const {
  const auto it = attributes.find(attribute);
  return it == attributes.end() ? std::string_view() : std::string_view(it->second);
}

void StepContext::capture(const std::string& name, std::string value) {
  values[name] = value;
  captures.emplace_back(name, std::move(value));
}

StepEnd step_passed() { return {}; }
StepEnd step_failed(std::string reason) { return {.verdict = Verdict::failed, .reason = std::move(reason)}; }
StepEnd step_broken(std::string reason) { return {.verdict = Verdict::error, .reason = std::move(reason)}; }

StepEnd step_error(const Error& error) {
  return error.kind == ErrorKind::device ? step_failed(error.what) : step_broken(error.what);
}

Outcome<void> check_duration(const StepSpec& step, std::string_view attribute) {
  if (!step.has(attribute) || !is_final(step.get(attribute))) return {};
  auto parsed = parse_duration(step.get(attribute));
  if (!parsed) return Fail(parsed.error().in(attribute));
  return {};
}

Outcome<void> check_number(const StepSpec& step, std::string_view attribute) {
  if (!step.has(attribute) || !is_final(step.get(attribute))) return {};
  auto parsed = parse_quantity(step.get(attribute));
  if (!parsed) return Fail(parsed.error().in(attribute));
  return {};
}

std::string pattern_sample(std::string_view pattern) {
  std::string sample(pattern);
  for (std::size_t at; (at = sample.find("${")) != std::string::npos;) {
    const std::size_t end = sample.find('}', at);
    if (end == std::string::npos) break;
    sample.replace(at, end - at + 1, "x");
  }
  return sample;
}

Outcome<void> check_pattern(std::string_view pattern) {
  const RE2 re(pattern_sample(pattern), RE2::Quiet);
  if (!re.ok()) return fail(ErrorKind::invalid, fmt::format("pattern \"{}\": {}", pattern, re.error()));
  return {};
}

}  // namespace lockstep::hil
