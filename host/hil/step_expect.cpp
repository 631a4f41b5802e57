// <expect console="log" regex="APP (?P<version>[0-9.]+)" within="5 s" fail-on="panic"/>: waits for a console line.
#include <fmt/format.h>
#include <re2/re2.h>

#include <boost/asio/as_tuple.hpp>
#include <memory>

#include "host/hil/compare.hpp"
#include "host/hil/quantity.hpp"
#include "host/hil/steps.hpp"

namespace lockstep::hil {
namespace {

constexpr xml::Attribute attributes[] = {
    {"console", xml::Type::identifier, xml::Use::optional, "which console of the rig; else the only one"},
    {"regex", xml::Type::text, xml::Use::optional, "RE2 pattern, looked for in each complete line"},
    {"literal", xml::Type::text, xml::Use::optional, "text instead of a pattern"},
    {"within", xml::Type::text, xml::Use::optional, "duration; else the suite's step timeout"},
    {"fail-on", xml::Type::text, xml::Use::optional, "RE2 pattern; a line with it ends the wait as failed"},
    mark_attribute,
};
constexpr xml::Attribute assert_attributes[] = {
    {"value", xml::Type::text, xml::Use::required, "usually a capture: ${version}"},
    eq_attribute, ne_attribute, ge_attribute, le_attribute, matches_attribute,
};
constexpr xml::Child children[] = {{"regex", xml::Count::optional}, {"assert-value", xml::Count::any}};
constexpr xml::Element elements[] = {
    {.name = "expect",
     .attributes = attributes,
     .children = children,
     .doc = "Waits for a console line after the last one that an expectation took. Named groups become captures."},
    {.name = "regex", .text = xml::Text::required, .doc = "The pattern as text, e.g. in CDATA, instead of the attribute."},
    {.name = "assert",
     .id = "assert-value",
     .attributes = assert_attributes,
     .doc = "What must hold for a value, after the line was seen."},
};
constexpr std::string_view patterns[] = {"regex", "fail-on", "matches"};

std::string_view pattern_of(const StepSpec& step) {
  if (step.has("regex")) return step.get("regex");
  for (const StepSpec& child : step.children) {
    if (child.name == "regex") return child.content;
  }
  return {};
}

Outcome<void> check(const StepSpec& step) {
  const bool child = !step.children.empty() && step.children.front().name == "regex";
  if (step.has("regex") + step.has("literal") + child != 1) {
    return fail(ErrorKind::invalid, "expected exactly one of regex=\"...\", literal=\"...\" and <regex>");
  }
  LOCKSTEP_CHECK(check_pattern(pattern_of(step)));
  LOCKSTEP_CHECK(check_pattern(step.get("fail-on")));
  LOCKSTEP_CHECK(check_duration(step, "within"));
  for (const StepSpec& c : step.children) {
    if (c.name == "assert") LOCKSTEP_CHECK(check_assert(c));
  }
  return {};
}

std::vector<std::string> captures(const StepSpec& step) {
  std::vector<std::string> names;
  const RE2 re(pattern_sample(pattern_of(step)), RE2::Quiet);
  for (const auto& [name, index] : re.NamedCapturingGroups()) names.push_back(name);
  return names;
}

std::chrono::milliseconds within(const StepSpec& step, std::chrono::milliseconds otherwise) {
  auto parsed = parse_duration(step.get("within"));
  return parsed ? *parsed : otherwise;
}

std::chrono::milliseconds deadline(const StepSpec& step) {
  // A net only: the step ends by itself, with a better reason.
  return within(step, std::chrono::hours(1)) + std::chrono::seconds(5);
}

// One line against both patterns.
struct Match {
  bool wanted = false;
  bool forbidden = false;
  std::vector<std::pair<std::string, std::string>> captures;
};

std::string quote_pattern(std::string_view value) { return RE2::QuoteMeta(re2::StringPiece(value.data(), value.size())); }

class Matcher {
 public:
  explicit Matcher(const StepSpec& step)
      : wanted_(step.has("literal") ? RE2::QuoteMeta(std::string(step.get("literal"))) : std::string(pattern_of(step)),
                RE2::Quiet),
        forbidden_(std::string(step.get("fail-on")), RE2::Quiet),
        has_forbidden_(step.has("fail-on")) {}

  bool ok() const { return wanted_.ok() && forbidden_.ok(); }
  std::string error() const { return wanted_.ok() ? forbidden_.error() : wanted_.error(); }
  const std::string& wanted() const { return wanted_.pattern(); }

  Match match(const std::string& line) const {
    Match result;
    result.forbidden = has_forbidden_ && RE2::PartialMatch(line, forbidden_);
    std::vector<re2::StringPiece> groups(static_cast<std::size_t>(wanted_.NumberOfCapturingGroups()) + 1);
    result.wanted = wanted_.Match(line, 0, line.size(), RE2::UNANCHORED, groups.data(), static_cast<int>(groups.size()));
    if (!result.wanted) return result;
    for (const auto& [name, index] : wanted_.NamedCapturingGroups()) {
      const re2::StringPiece& group = groups[static_cast<std::size_t>(index)];
      // A group that took no part has no value: who needs it says so.
      if (group.data() != nullptr) result.captures.emplace_back(name, std::string(group.data(), group.size()));
    }
    return result;
  }

 private:
  RE2 wanted_;
  RE2 forbidden_;
  bool has_forbidden_;
};

// The last lines seen, for a person who wonders what came instead.
std::string seen_instead(const ConsoleLog& log, std::uint64_t from) {
  const std::uint64_t end = log.next_line();
  if (from >= end && log.partial().empty()) return "nothing was printed";
  std::string text = fmt::format("{} other lines came", end - from);
  const std::uint64_t begin = end - from > 2 ? end - 2 : from;
  for (std::uint64_t n = begin; n < end; ++n) text += fmt::format(", \"{}\"", log.line(n).text.substr(0, 120));
  if (!log.partial().empty()) text += fmt::format(", unfinished \"{}\"", log.partial().substr(0, 120));
  return text;
}

StepEnd assess(StepContext& context, const StepSpec& step, const Match& match, const ConsoleLine& line) {
  for (const auto& [name, value] : match.captures) context.capture(name, value);
  context.marks["expect.last"] = line.at;
  for (const StepSpec& child : step.children) {
    if (child.name != "assert") continue;
    StepSpec assertion = child;
    for (auto& [name, text] : assertion.attributes) {
      auto replaced = name == "matches" ? substitute(text, context.values, quote_pattern)
                                        : substitute(text, context.values);
      if (!replaced.missing.empty()) return step_failed(fmt::format("${{{}}} was not set", replaced.missing.front()));
      text = std::move(replaced.text);
    }
    const boost::json::value actual(assertion.get("value"));
    if (const auto why = objection(assertion, actual)) {
      return step_failed(fmt::format("value of \"{}\" {}", line.text.substr(0, 200), *why));
    }
  }
  return {.moment = line.at};
}

asio::awaitable<StepEnd> run(StepContext& context, StepSpec step) {
  auto log = context.bench.console(step.get("console"));
  if (!log) co_return step_broken(log.error().what);
  const Matcher matcher(step);
  if (!matcher.ok()) co_return step_broken(fmt::format("pattern /{}/: {}", matcher.wanted(), matcher.error()));
  const auto limit = within(step, context.suite.timeouts.step);
  const auto give_up = std::chrono::steady_clock::now() + limit;
  ConsoleLog& console = **log;
  const std::uint64_t from = std::max(console.cursor, console.first_line());
  for (;;) {
    console.cursor = std::max(console.cursor, console.first_line());
    while (console.cursor < console.next_line()) {
      const ConsoleLine line = console.line(console.cursor++);
      const Match match = matcher.match(line.text);
      if (match.forbidden) {
        co_return step_failed(fmt::format("console {} said \"{}\"", console.name(), line.text.substr(0, 200)));
      }
      if (match.wanted) co_return assess(context, step, match, line);
    }
    if (context.bench.trouble()) co_return step_broken("the console ended");
    if (std::chrono::steady_clock::now() >= give_up) break;
    co_await console.changed(give_up);
  }
  co_return step_failed(fmt::format("no line of console {} matched /{}/ within {}; {}", console.name(), matcher.wanted(),
                                    duration_text(limit), seen_instead(console, std::max(from, console.first_line()))));
}

std::string about(const StepSpec& step) {
  const std::string what = step.has("literal") ? fmt::format("\"{}\"", step.get("literal"))
                                               : fmt::format("/{}/", pattern_of(step));
  return fmt::format("{}{}{}{}", step.get("console"), step.has("console") ? " " : "", what,
                     step.has("within") ? fmt::format(" within {}", step.get("within")) : std::string());
}

}  // namespace

constinit const StepKind expect_step{.elements = elements,
                                     .patterns = patterns,
                                     .replaces_children = true,
                                     .check = check,
                                     .captures = captures,
                                     .about = about,
                                     .deadline = deadline,
                                     .run = run};

}  // namespace lockstep::hil
