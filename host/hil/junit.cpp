// JUnit XML as the Ant schema wants it: attributes and elements in its order, no zone in the timestamp.
#include <fmt/format.h>

#include "host/hil/evidence.hpp"
#include "host/hil/evidence_parts.hpp"

namespace lockstep::hil {
namespace {

// Character data and attribute values; what XML 1.0 does not allow becomes "?".
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (byte < 0x20 && c != '\n' && c != '\t') out += '?';
    else out += c;
  }
  return out;
}

std::string seconds(Moment from, Moment to) { return fmt::format("{:.3f}", static_cast<double>(millis_between(from, to)) / 1000); }

std::string test_time(const TestRecord& test) {
  if (test.attempts.empty()) return "0.000";
  return seconds(test.attempts.front().start, test.attempts.back().end);
}

enum class Shape { pass, skipped, failure, error };

Shape shape_of(Verdict verdict) {
  if (is_pass(verdict)) return Shape::pass;
  if (verdict == Verdict::skipped) return Shape::skipped;
  return verdict == Verdict::failed ? Shape::failure : Shape::error;
}

// One testcase for setup and teardown too, when they went wrong: a red run needs a red line.
struct Case {
  std::string name;
  Verdict verdict;
  std::string reason;
  std::string time;
};

std::vector<Case> cases_of(const RunResult& result) {
  std::vector<Case> cases;
  for (const TestRecord& test : result.tests) cases.push_back({test.id, test.verdict, test.reason, test_time(test)});
  Verdict tests = Verdict::passed;
  for (const TestRecord& test : result.tests) tests = worst(tests, test.verdict);
  if (result.verdict > tests) cases.push_back({"(run)", result.verdict, result.reason, "0.000"});
  return cases;
}

std::string case_xml(const RunResult& result, const Case& c) {
  std::string xml = fmt::format(R"(    <testcase name="{}" classname="{}" time="{}")", escape(c.name), escape(result.suite_name), c.time);
  const Shape shape = shape_of(c.verdict);
  if (shape == Shape::pass) return xml + "/>\n";
  const std::string reason = escape(c.reason);
  if (shape == Shape::skipped) return xml + fmt::format(">\n      <skipped message=\"{}\"/>\n    </testcase>\n", reason);
  const std::string_view element = shape == Shape::failure ? "failure" : "error";
  return xml + fmt::format(">\n      <{0} message=\"{1}\" type=\"{2}\">{1}</{0}>\n    </testcase>\n", element, reason, text(c.verdict));
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", escape(name), escape(value));
}

std::string properties(const RunResult& result) {
  std::string xml = property("run", result.run_id) + property("rig", result.rig_id) + property("release", result.release) +
                    property("verdict", text(result.verdict));
  for (const DigestRecord& subject : result.subjects) xml += property("sha256 " + subject.name, subject.sha256);
  for (const TestRecord& test : result.tests) {
    if (!test.requirement.empty()) xml += property("requirement " + test.id, test.requirement);
    for (const AttemptRecord& attempt : test.attempts) {
      if (test.attempts.size() == 1 && attempt.verdict == Verdict::passed) continue;
      xml += property(fmt::format("attempt {} {}", test.id, attempt.number),
                      fmt::format("{}{}{}", text(attempt.verdict), attempt.reason.empty() ? "" : ": ", attempt.reason));
    }
  }
  return xml;
}

std::string measurements(const RunResult& result) {
  std::string lines;
  for (const TestRecord& test : result.tests) {
    for (const AttemptRecord& attempt : test.attempts) {
      for (const Measurement& m : attempt.measurements) {
        const std::string value = m.value ? fmt::format("{} {}", *m.value, m.unit) : std::string("unset");
        lines += fmt::format("{} attempt {}: {} = {} ({})\n", test.id, attempt.number, m.name, value, text(m.outcome));
      }
    }
  }
  return escape(lines);
}

}  // namespace

std::string junit_xml(const RunResult& result) {
  const std::vector<Case> cases = cases_of(result);
  int failures = 0, errors = 0, skipped = 0;
  std::string body;
  for (const Case& c : cases) {
    const Shape shape = shape_of(c.verdict);
    failures += shape == Shape::failure;
    errors += shape == Shape::error;
    skipped += shape == Shape::skipped;
    body += case_xml(result, c);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
      "  <testsuite package=\"{0}\" id=\"0\" name=\"{0}\" timestamp=\"{1}\" hostname=\"{2}\" tests=\"{3}\" failures=\"{4}\" "
      "errors=\"{5}\" skipped=\"{6}\" time=\"{7}\">\n    <properties>\n{8}    </properties>\n{9}"
      "    <system-out>{10}</system-out>\n    <system-err>{11}</system-err>\n  </testsuite>\n</testsuites>\n",
      escape(result.suite_name), wall_text(result.start).substr(0, 19), escape(result.host), cases.size(), failures, errors,
      skipped, seconds(result.start, result.end), properties(result), body, measurements(result), escape(result.reason));
}

}  // namespace lockstep::hil
