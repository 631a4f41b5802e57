#include "host/hil/substitute.hpp"

#include <algorithm>

namespace lockstep::hil {
namespace {

// Calls on_text and on_name for the pieces of `text` in order.
template <class OnText, class OnName>
void walk(std::string_view text, OnText on_text, OnName on_name) {
  while (!text.empty()) {
    const std::size_t begin = text.find("${");
    on_text(text.substr(0, begin));
    if (begin == std::string_view::npos) return;
    text.remove_prefix(begin + 2);
    const std::size_t end = text.find('}');
    on_name(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

}  // namespace

std::vector<std::string> names_in(std::string_view text) {
  std::vector<std::string> names;
  walk(text, [](std::string_view) {}, [&](std::string_view name) { names.emplace_back(name); });
  return names;
}

Substituted substitute(std::string_view text, const Values& values,
                       const std::function<std::string(std::string_view)>& quote) {
  Substituted out;
  walk(
      text, [&](std::string_view plain) { out.text += plain; },
      [&](std::string_view name) {
        const auto it = values.find(name);
        if (it == values.end()) {
          out.missing.emplace_back(name);
        } else {
          out.text += quote ? quote(it->second) : it->second;
        }
      });
  return out;
}

}  // namespace lockstep::hil
