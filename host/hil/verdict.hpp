// The outcome of a step, an attempt, a test or a whole run (design: verdict). One order of severity for all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace lockstep::hil {

// From harmless to severe: the verdict of a whole is the most severe of its parts.
enum class Verdict : std::uint8_t {
  passed,           // everything that was asked was seen
  passed_marginal,  // passed, but a measurement came close to its limit
  passed_unstable,  // an attempt passed after one that did not
  skipped,          // not run, because a test that it needs did not pass; the reason names it
  blocked,          // nothing was run: the rig or the inputs do not meet what the suite requires
  inconclusive,     // run, and says nothing about the device (preparation failed, time ran out before it started)
  failed,           // the device did not do what it must
  cancelled,        // a person or a shutdown stopped it
  error,            // the rig, the suite or Lockstep broke: no statement about the device
};

// The word used in files, pages and XML: "passed-marginal".
std::string_view text(Verdict verdict);
std::optional<Verdict> parse_verdict(std::string_view word);

// passed, passed-marginal and passed-unstable: other tests may build on it. Gates look closer.
bool is_pass(Verdict verdict);
Verdict worst(Verdict a, Verdict b);

// The verdict of a test from its attempts, oldest first (at least one). A pass after anything else is
// passed-unstable; a failure of the device is not excused by trouble of the rig in another attempt.
Verdict judge_attempts(std::span<const Verdict> attempts);

}  // namespace lockstep::hil
