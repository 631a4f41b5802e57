// Explanations as a terminal shows them: a sentence a line, numbered.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

namespace lockstep::explain {

using Lines = std::vector<std::string>;

// " 1. app 2.0.0 requires mobile-app ^5.2.0 (release.xml:6)"
inline Lines numbered(const Lines& sentences) {
  Lines out;
  for (const std::string& s : sentences) out.push_back(fmt::format("{:2}. {}", out.size() + 1, s));
  return out;
}

// "a", "a and b", "a, b and c"
inline std::string listed(const Lines& words) {
  std::string out;
  for (std::size_t n = 0; n < words.size(); ++n) out += (n == 0 ? "" : n + 1 == words.size() ? " and " : ", ") + words[n];
  return out;
}

}  // namespace lockstep::explain
