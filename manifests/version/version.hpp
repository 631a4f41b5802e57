// Versions as Semantic Versioning 2.0.0 (semver.org) defines them, and the two looser spellings the field uses:
// what a device reports and what is printed on a board.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/base/error.hpp"

namespace lockstep::version {

struct Version {
  std::uint64_t major = 0;  // at most 2^53 - 1, as in node-semver, so that every other reader agrees
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
  std::vector<std::string> prerelease{};  // "rc.1" is {"rc", "1"}; empty for a finished version
  std::string build{};                    // what follows '+'; says where the bytes came from, never compared

  // "1.2.3-rc.1+build"
  std::string text() const;

  // Precedence (SemVer 2.0.0 section 11). Build metadata does not count: 1.0.0+a and 1.0.0+b are equal.
  friend std::strong_ordering operator<=>(const Version& a, const Version& b);
  friend bool operator==(const Version& a, const Version& b) { return (a <=> b) == 0; }
};

// Strict SemVer 2.0.0: three numbers without leading zeros, no "v", nothing around it. At most 256 characters.
// Errors: invalid, with the place in the text and what was expected there.
Outcome<Version> parse(std::string_view text);

// What a device says over SMP: SemVer, or MCUboot's four numbers "1.2.3.4", whose fourth becomes build metadata
// (MCUboot image_version: major.minor.revision+build).
Outcome<Version> parse_device(std::string_view text);

// What is printed on a board: "3", "3.1" or a full version; what is left out is zero. Letters are refused, because
// their order is the maker's secret.
Outcome<Version> parse_revision(std::string_view text);

}  // namespace lockstep::version
