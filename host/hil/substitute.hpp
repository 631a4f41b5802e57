// ${name} in rig and suite files: plain replacement, no expressions.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lockstep::hil {

using Values = std::map<std::string, std::string, std::less<>>;

// The names in `text`, in order. A "${" without "}" gives the rest of the text as a name, so that it is noticed.
std::vector<std::string> names_in(std::string_view text);

struct Substituted {
  std::string text;
  std::vector<std::string> missing;  // names without a value; replaced by nothing
};

// Replaces each ${name} by its value, passed through `quote` when one is given (a value inside a pattern must match
// itself). A replaced text is not looked at again.
Substituted substitute(std::string_view text, const Values& values,
                       const std::function<std::string(std::string_view)>& quote = {});

}  // namespace lockstep::hil
