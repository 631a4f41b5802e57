#include "host/hil/verdict.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace lockstep::hil {
namespace {

constexpr std::array words{
    std::pair{Verdict::passed, std::string_view("passed")},
    std::pair{Verdict::passed_marginal, std::string_view("passed-marginal")},
    std::pair{Verdict::passed_unstable, std::string_view("passed-unstable")},
    std::pair{Verdict::skipped, std::string_view("skipped")},
    std::pair{Verdict::blocked, std::string_view("blocked")},
    std::pair{Verdict::inconclusive, std::string_view("inconclusive")},
    std::pair{Verdict::failed, std::string_view("failed")},
    std::pair{Verdict::cancelled, std::string_view("cancelled")},
    std::pair{Verdict::error, std::string_view("error")},
};

}  // namespace

std::string_view text(Verdict verdict) {
  for (const auto& [value, word] : words) {
    if (value == verdict) return word;
  }
  return "?";
}

std::optional<Verdict> parse_verdict(std::string_view word) {
  for (const auto& [value, name] : words) {
    if (name == word) return value;
  }
  return std::nullopt;
}

bool is_pass(Verdict verdict) { return verdict <= Verdict::passed_unstable; }

Verdict worst(Verdict a, Verdict b) { return std::max(a, b); }

Verdict judge_attempts(std::span<const Verdict> attempts) {
  if (attempts.empty()) return Verdict::error;
  const Verdict last = attempts.back();
  if (is_pass(last)) {
    const bool all = std::ranges::all_of(attempts, is_pass);
    return all ? *std::ranges::max_element(attempts) : Verdict::passed_unstable;
  }
  if (last == Verdict::cancelled) return last;
  if (std::ranges::find(attempts, Verdict::failed) != attempts.end()) return Verdict::failed;
  return *std::ranges::max_element(attempts);
}

}  // namespace lockstep::hil
