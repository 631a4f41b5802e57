#include "host/hil/suite_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/base/text.hpp"
#include "host/hil/quantity.hpp"
#include "host/hil/step.hpp"
#include "host/hil/substitute.hpp"

namespace lockstep::hil {
namespace {

constexpr std::string_view facts[] = {"run.id",       "rig.id",      "dut.board",       "dut.revision",
                                      "dut.serial",   "dut.product", "release.product", "release.version"};
constexpr std::string_view artifact_facts[] = {"version", "hash", "sha256", "size", "file"};
constexpr std::string_view built_in_marks[] = {"power.on", "power.off", "expect.last", "update.start", "update.end",
                                               "test.start"};

// What a place in the suite may refer to.
struct Known {
  std::set<std::string, std::less<>> names;
  std::set<std::string, std::less<>> marks;

  void add(const Known& other) {
    names.insert(other.names.begin(), other.names.end());
    marks.insert(other.marks.begin(), other.marks.end());
  }
};

class Checker {
 public:
  explicit Checker(const Suite& suite) : suite_(suite) {}

  Outcome<void> check() {
    LOCKSTEP_CHECK(check_params());
    LOCKSTEP_CHECK(check_steps(suite_.setup, base_, false));
    for (const TestSpec& test : suite_.tests) LOCKSTEP_CHECK(check_test(test));
    Known all = base_;
    for (const auto& [id, known] : by_test_) all.add(known);
    return check_steps(suite_.teardown, all, false);
  }

 private:
  Fail<Error> wrong(std::uint32_t line, std::string_view element, std::string_view what) const {
    return fail(ErrorKind::invalid, fmt::format("{}:{}: <{}>: {}", suite_.file_name, line, element, what));
  }

  Outcome<void> check_params() {
    for (const std::string_view fact : facts) base_.names.emplace(fact);
    for (const std::string_view mark : built_in_marks) base_.marks.emplace(mark);
    for (const ParamSpec& param : suite_.params) {
      const bool artifact = param.type == ParamSpec::Type::artifact;
      if (artifact == param.role.empty()) {
        return wrong(param.line, "param", artifact ? "an artifact needs role=\"candidate\" or \"baseline\"" : "only artifacts have a role");
      }
      if (artifact && param.value) return wrong(param.line, "param", "an artifact has no value: the caller gives it");
      if (is_fact(param.name)) return wrong(param.line, "param", fmt::format("\"{}\" is the name of a fact", param.name));
      LOCKSTEP_CHECK(check_default(param));
      base_.names.insert(param.name);
      for (const std::string_view fact : artifact_facts) {
        if (artifact) base_.names.insert(fmt::format("{}.{}", param.name, fact));
      }
    }
    return {};
  }

  Outcome<void> check_default(const ParamSpec& param) const {
    if (!param.value) return {};
    Outcome<void> right;
    if (param.type == ParamSpec::Type::number) {
      if (auto value = parse_quantity(*param.value); !value) right = Fail(value.error());
    }
    if (param.type == ParamSpec::Type::duration) {
      if (auto value = parse_duration(*param.value); !value) right = Fail(value.error());
    }
    if (!right) return wrong(param.line, "param", right.error().what);
    return {};
  }

  Outcome<void> check_test(const TestSpec& test) {
    if (test.attempts < 1 || test.attempts > 10) return wrong(test.line, "test", "attempts must be 1 to 10");
    if (test.steps.empty()) return wrong(test.line, "test", "a test without steps proves nothing");
    Known known = base_;
    for (const std::string& need : test.needs) {
      const auto it = by_test_.find(need);
      if (it == by_test_.end()) {
        return wrong(test.line, "test", fmt::format("needs \"{}\", which is no earlier test{}", need, suggest(need, by_test_)));
      }
      known.add(it->second);
    }
    LOCKSTEP_CHECK(check_steps(test.setup, known, true));
    LOCKSTEP_CHECK(check_steps(test.steps, known, true));
    LOCKSTEP_CHECK(check_steps(test.teardown, known, true));
    LOCKSTEP_CHECK(check_measures(test));
    by_test_.emplace(test.id, std::move(known));
    return {};
  }

  Outcome<void> check_measures(const TestSpec& test) const {
    std::set<std::string_view> seen;
    for (const StepSpec& step : test.steps) {
      if (step.name == "measure" && !seen.insert(step.get("name")).second) {
        return wrong(step.line, "measure", fmt::format("\"{}\" is measured twice in this test", step.get("name")));
      }
    }
    return {};
  }

  // Checks the steps in order; what they set is known to those after them.
  Outcome<void> check_steps(const std::vector<StepSpec>& steps, Known& known, bool in_test) const {
    for (const StepSpec& step : steps) {
      if (step.kind->only_in_tests && !in_test) return wrong(step.line, step.name, "belongs into a test");
      if (step.kind->check != nullptr) {
        auto right = step.kind->check(step);
        if (!right) return wrong(step.line, step.name, right.error().what);
      }
      const Known before = known;
      if (step.kind->captures != nullptr) {
        for (std::string& name : step.kind->captures(step)) known.names.insert(std::move(name));
      }
      LOCKSTEP_CHECK(check_names(step, step.kind->replaces_children ? known : before, before));
      if (step.kind->marks_used != nullptr) LOCKSTEP_CHECK(check_marks(step, known));
      if (step.has("mark")) known.marks.emplace(step.get("mark"));
    }
    return {};
  }

  Outcome<void> check_names(const StepSpec& step, const Known& for_children, const Known& own) const {
    for (const auto& [attribute, text] : step.attributes) LOCKSTEP_CHECK(check_text(step, text, own));
    LOCKSTEP_CHECK(check_text(step, step.content, own));
    for (const StepSpec& child : step.children) LOCKSTEP_CHECK(check_names(child, for_children, for_children));
    return {};
  }

  Outcome<void> check_text(const StepSpec& step, std::string_view text, const Known& known) const {
    for (const std::string& name : names_in(text)) {
      if (known.names.contains(name)) continue;
      return wrong(step.line, step.name,
                   fmt::format("${{{}}} is no parameter, fact or capture of an earlier step{}", name, suggest(name, known.names)));
    }
    return {};
  }

  Outcome<void> check_marks(const StepSpec& step, const Known& known) const {
    for (const std::string& mark : step.kind->marks_used(step)) {
      if (known.marks.contains(mark)) continue;
      return wrong(step.line, step.name, fmt::format("no earlier step has mark=\"{}\"{}", mark, suggest(mark, known.marks)));
    }
    return {};
  }

  static const std::string& key(const std::string& name) { return name; }
  static const std::string& key(const std::pair<const std::string, Known>& entry) { return entry.first; }
  template <class Names>
  static std::string suggest(std::string_view name, const Names& names) {
    std::vector<std::string> candidates;
    for (const auto& entry : names) candidates.push_back(key(entry));
    const auto near = closest(name, candidates);
    return near ? fmt::format("; did you mean \"{}\"?", *near) : std::string();
  }

  const Suite& suite_;
  Known base_;
  std::map<std::string, Known, std::less<>> by_test_;
};

}  // namespace

bool is_fact(std::string_view name) { return std::ranges::find(facts, name) != std::end(facts); }

Outcome<void> check_suite(const Suite& suite) { return Checker(suite).check(); }

}  // namespace lockstep::hil
