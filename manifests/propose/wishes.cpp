#include "manifests/propose/wishes.hpp"

#include <fmt/format.h>

#include "host/base/text.hpp"

namespace lockstep::propose {
namespace {

constexpr std::size_t longest = 1000;

// No range has a colon. A line end would part two wishes where they are written one a line.
Outcome<Word> parse(std::string_view text, bool needs_range, std::string_view form) {
  if (text.size() > longest) return fail(ErrorKind::invalid, fmt::format("a text of {} characters is too long, at most {} can be", text.size(), longest));
  if (text.find_first_of("\r\n") != text.npos) return fail(ErrorKind::invalid, in_quotes(text) + " is more than one line");
  const std::size_t colon = text.find(':');
  const std::string_view what = trim(text.substr(0, colon));
  const std::size_t equal = what.find('=');
  Word out{.component = std::string(trim(what.substr(0, equal)))};
  if (colon != text.npos) out.reason = trim(text.substr(colon + 1));
  if (out.component.empty() || (needs_range && equal == what.npos)) {
    return fail(ErrorKind::invalid, in_quotes(text) + " is not of the form " + std::string(form));
  }
  if (equal == what.npos) return out;
  const std::string_view range_text = trim(what.substr(equal + 1));
  if (range_text.empty()) {
    return fail(ErrorKind::invalid, in_quotes(text) + " has no range after '='; for any version say *");
  }
  auto range = version::Range::parse(range_text);
  if (!range) return Fail(range.error().in(in_quotes(text)));
  if (range->empty()) return fail(ErrorKind::invalid, in_quotes(text) + ": no version can be in " + range->text());
  out.range = *std::move(range);
  return out;
}

}  // namespace

std::string Word::text() const {
  return component + (range ? '=' + range->text() : "") + (reason.empty() ? "" : ": " + reason);
}

Outcome<Word> parse_pin(std::string_view text) {
  return parse(text, true, "COMPONENT=RANGE[:REASON] as in app=^2.0.0 or app=1.x:customer wish");
}

Outcome<Word> parse_hold(std::string_view text) {
  return parse(text, false, "COMPONENT[=RANGE][:REASON] as in radio, radio=2.x or radio=2.x:battery drain");
}

std::optional<std::string> newest_of(std::string_view to) {
  constexpr std::string_view newest = "newest";
  if (to == newest) return std::string();
  if (!to.ends_with(newest)) return std::nullopt;
  to.remove_suffix(newest.size());
  if (to.size() < 2 || to.back() != '@') return std::nullopt;
  return std::string(to.substr(0, to.size() - 1));
}

}  // namespace lockstep::propose
