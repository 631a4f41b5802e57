// Sets of versions, written as npm writes them (node-semver, "Ranges"): the complete grammar, with its rule for
// prereleases.
//
//   range      := hyphen-or-simple ( "||" hyphen-or-simple )*
//   hyphen     := partial " - " partial                   1.2 - 2.3.4   is >=1.2.0 <=2.3.4
//   simple     := ( "<" | ">" | "<=" | ">=" | "=" | "~" | "^" )? partial, several joined by spaces mean "and"
//   partial    := 1 | 1.2 | 1.2.3-rc.1 | 1.x | 1.2.* | *   what is left out may be anything
//   ~1.2.3     := >=1.2.3 <1.3.0-0                         same minor
//   ^1.2.3     := >=1.2.3 <2.0.0-0                         same leftmost number that is not zero
//
// Prereleases: 2.0.0-rc.1 is in a range only if one bound names a prerelease of the same 2.0.0; nobody gets an
// unfinished version by accident.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/version/version.hpp"

namespace lockstep::version {

// One bound after all shorthands are resolved.
struct Comparator {
  enum class Op { less, less_equal, equal, greater_equal, greater };
  Op op = Op::equal;
  Version version;

  bool admits(const Version& v) const;
  std::string text() const;
};

class Range {
 public:
  // Any finished version: "*".
  Range() = default;

  // Errors: invalid, naming the part that could not be understood. At most 512 characters.
  static Outcome<Range> parse(std::string_view text);

  bool contains(const Version& v) const;

  // The lowest version inside, or nothing when no version can be inside (">2 <1").
  std::optional<Version> lowest() const;
  bool empty() const { return !lowest(); }

  // Whether some version could be inside both.
  bool intersects(const Range& other) const;

  // As the author wrote it (blanks at both ends removed), for messages.
  const std::string& text() const { return text_; }
  // With shorthands resolved: "^1.2" gives ">=1.2.0 <2.0.0-0"; alternatives joined by "||", as node-semver prints.
  std::string normal_text() const;

 private:
  using All = std::vector<Comparator>;  // every bound must admit; none means any version

  // Sorted; the lowest member is one of them.
  std::vector<Version> candidates() const;

  std::string text_ = "*";
  std::vector<All> any_of_{All{}};
};

}  // namespace lockstep::version
